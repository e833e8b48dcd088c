import type { ArtifactContent, Client, NewArtifact, NewEvent } from '@prefect-ts/api'
import { loadApi } from './api.ts'

/** Where artifacts and events of a run go: the Prefect API, or the lists of the test kit. */
export interface RunRecords {
  createArtifact(artifact: NewArtifact): Promise<string>
  updateArtifact(id: string, content: ArtifactContent): Promise<void>
  emitEvents(events: readonly NewEvent[]): Promise<void>
}

export interface ApiRecordsOptions {
  client: () => Client
  flowRunId: string
  taskRunId: string | undefined
  signal: AbortSignal
}

/** Artifacts and events of one flow run (and task run) on the server. */
export function createApiRecords(options: ApiRecordsOptions): RunRecords {
  const { client, flowRunId, taskRunId, signal } = options
  return {
    async createArtifact(artifact) {
      const { createArtifact } = await loadApi()
      return createArtifact(client(), { ...artifact, flowRunId, taskRunId }, { signal })
    },
    async updateArtifact(id, content) {
      const { updateArtifact } = await loadApi()
      await updateArtifact(client(), id, content, { signal })
    },
    async emitEvents(events) {
      const { emitEvents, maskSecrets } = await loadApi()
      const masked = events.map((event) => ({
        ...event,
        payload:
          event.payload &&
          (JSON.parse(maskSecrets(JSON.stringify(event.payload))) as NewEvent['payload']),
      }))
      // Also of a run that is being ended: what it did before has happened.
      await emitEvents(client(), masked, { signal: AbortSignal.timeout(eventsLimitMs) })
    },
  }
}

const eventsLimitMs = 10_000
