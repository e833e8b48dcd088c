export { isRunError, RunError, type RunErrorCode } from './errors.ts'
export { openRun } from './open-run.ts'
export { runJob } from './run-job.ts'
export type {
  ArtifactOptions,
  ImageArtifact,
  LinkArtifact,
  MarkdownArtifact,
  RunArtifacts,
  TableArtifact,
} from './artifact.ts'
export type { ChartArtifact } from './chart.ts'
export type { RunContext, RunDatastores, RunReference } from './context.ts'
export type { CheckOptions, RunEventOptions, RunEvents } from './events.ts'
export type { LogEntry } from './log-entry.ts'
export type { LogFields, RunLog } from './log.ts'
export type { InferOutput, ParamsSchema } from './params.ts'
export type { ResultStorage } from './result-storage.ts'
export type { JobHandler, RunJobOptions } from './run-job.ts'
export type { OpenRunOptions, OpenStoreOptions, Run } from './run.ts'
