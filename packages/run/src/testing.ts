export { testJob } from './test-job.ts'
export type { TestJobOptions, TestJobOutcome, TestLogLine } from './test-job.ts'
