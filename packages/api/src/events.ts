import type { Client } from './client.ts'
import { ApiError } from './errors.ts'

// The server's own limits. It drops a larger event without a word; some room for the field that it adds.
const maxEventBytes = 1_500_000 - 1000
const maxLabels = 500
const maxRelated = 100
// Prefect Cloud takes bodies of 5 MiB.
const maxBatchBytes = 4_000_000
const maxBatchEvents = 200

/** Labels of the thing that an event is about; the id is required. */
export interface EventResource {
  /** What it is: `mycompany.report.daily`. */
  'prefect.resource.id': string
  readonly [label: string]: string
}

/** Labels of a thing beside it, and its role. */
export interface RelatedEventResource extends EventResource {
  /** As what it takes part: `flow-run`, `tag`, … */
  'prefect.resource.role': string
}

/** An event to emit. */
export interface NewEvent {
  /** Its name: `report.published`. */
  event: string
  /** What it is about. */
  resource: EventResource
  /** What else takes part, at most 100. */
  related?: readonly RelatedEventResource[] | undefined
  /** Anything else, as JSON. */
  payload?: Readonly<Record<string, unknown>> | undefined
  /** When it happened. @default now */
  occurred?: Date | undefined
  /** Its UUID; the server keeps one event of an id. @default a new one */
  id?: string | undefined
  /** Id of the event before it, at most 5 minutes earlier. */
  follows?: string | undefined
}

/** Options of `emitEvents`. */
export interface EmitEventsOptions {
  /** Ends the call, which rejects with the signal's reason; events of an earlier request stay emitted. */
  signal?: AbortSignal | undefined
}

/**
 * Emits events, in as many requests as their size needs, and resolves to their ids. They can be read some
 * seconds later. An event over the server's limits (1.5 MB of JSON, 100 related resources, 500 labels) is
 * an `ApiError` with code `INVALID_REQUEST` before any is sent.
 */
export async function emitEvents(
  client: Client,
  events: readonly NewEvent[],
  { signal }: EmitEventsOptions = {},
): Promise<string[]> {
  const complete = events.map(({ id, occurred, ...event }) => ({
    ...event,
    id: id ?? crypto.randomUUID(),
    occurred: (occurred ?? new Date()).toISOString(),
  }))
  let batch: object[] = []
  let bytes = 0
  const batches = [batch]
  for (const event of complete) {
    const size = checkEvent(event)
    if (batch.length === maxBatchEvents || bytes + size > maxBatchBytes) {
      batches.push((batch = []))
      bytes = 0
    }
    batch.push(event)
    bytes += size
  }
  if (complete.length === 0) return []
  for (const body of batches) {
    await client.post('/events', { body: body as never, signal })
  }
  return complete.map(({ id }) => id)
}

/** The size of the event in bytes. */
function checkEvent(event: Omit<NewEvent, 'occurred'>): number {
  const refuse = (problem: string): never => {
    throw new ApiError(`Cannot emit event "${event.event.slice(0, 100)}": ${problem}`, {
      code: 'INVALID_REQUEST',
      method: 'POST',
      path: '/events',
    })
  }
  const { resource, related = [] } = event
  if (related.length > maxRelated) {
    refuse(`it has ${related.length} related resources, the limit is ${maxRelated}`)
  }
  for (const labels of [resource, ...related]) {
    const count = Object.keys(labels).length
    if (count > maxLabels) refuse(`a resource has ${count} labels, the limit is ${maxLabels}`)
  }
  const size = Buffer.byteLength(JSON.stringify(event))
  if (size > maxEventBytes) {
    refuse(`it takes ${size} bytes of JSON, the limit is ${maxEventBytes}`)
  }
  return size
}
