import type { NewEvent } from '@prefect-ts/api'
import { RunError } from './errors.ts'
import type { LogFields, RunLog } from './log.ts'
import type { RunRecords } from './records.ts'
import type { RunIdentity } from './run-resources.ts'

/** What an event of a run can have. */
export interface RunEventOptions {
  /** What it is about. @default the task run, or else the flow run */
  resource?: NewEvent['resource'] | undefined
  /** Anything else, as JSON. */
  payload?: Readonly<Record<string, unknown>> | undefined
}

/** A data check. */
export interface CheckOptions {
  /** What a check that is not passed does: end the job with `CHECK_FAILED`, or only warn. @default 'error' */
  severity?: 'error' | 'warning' | undefined
  /** Values shown in the log and the event: counts, limits. */
  fields?: LogFields | undefined
}

/** Events of a run: what automations of Prefect react to. */
export interface RunEvents {
  /**
   * Emits an event: `report.published`. The run, its flow, deployment, work pool and tags are attached as Python does
   * it. Resolves to its id, or `undefined` without a flow run. Rejects with `ApiError`.
   */
  event(name: string, options?: RunEventOptions): Promise<string | undefined>
  /**
   * Tells whether the data is as expected, in the log and as event `prefect-ts.data-check.passed` or `.failed`. Resolves
   * to `passed`; rejects with `CHECK_FAILED` when it is false and the severity is `error`.
   */
  check(name: string, passed: boolean, options?: CheckOptions): Promise<boolean>
}

export interface EventSource {
  records: () => RunRecords | undefined
  identity: () => RunIdentity | undefined
  log: RunLog
}

export function createEvents({ records, identity, log }: EventSource): RunEvents {
  async function event(name: string, options: RunEventOptions = {}): Promise<string | undefined> {
    const to = records()
    const run = identity()
    if (to === undefined || run === undefined) return undefined
    const { resource = ownResource(run), payload } = options
    const id = crypto.randomUUID()
    const { runResources } = await import('./run-resources.ts')
    const related = await runResources(run, resource['prefect.resource.id'])
    await to.emitEvents([{ id, event: name, resource, related, payload }])
    return id
  }
  return {
    event,
    async check(name, passed, { severity = 'error', fields = {} } = {}) {
      const message = `Data check "${name}" ${passed ? 'passed' : 'failed'}`
      log[passed ? 'info' : 'warning'](message, fields)
      const payload = { check: name, passed, severity, fields: plainFields(fields) }
      // An event that is not taken must not end a job whose data is right.
      await event(`prefect-ts.data-check.${passed ? 'passed' : 'failed'}`, { payload }).catch(
        (error: unknown) => log.warning('The event of a data check was not sent', { error }),
      )
      if (passed || severity === 'warning') return passed
      throw new RunError('CHECK_FAILED', `${message}: the data is not as expected.`)
    },
  }
}

function ownResource(run: RunIdentity): NewEvent['resource'] {
  const own = run.taskRun ?? run.flowRun
  const kind = run.taskRun === undefined ? 'flow-run' : 'task-run'
  return {
    'prefect.resource.id': `prefect.${kind}.${own.id}`,
    'prefect.resource.name': own.name,
  }
}

function plainFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? value : String(value),
    ]),
  )
}
