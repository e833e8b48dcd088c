export { createClient } from './client.ts'
export type { Client, CreateClientOptions } from './client.ts'
export { createArtifact, getLatestArtifact, updateArtifact } from './artifacts.ts'
export type { ArtifactCallOptions, ArtifactContent, NewArtifact } from './artifacts.ts'
export { ApiError, isApiError } from './errors.ts'
export type { ApiErrorCode, ApiErrorOptions } from './errors.ts'
export { emitEvents } from './events.ts'
export type { EmitEventsOptions, EventResource, NewEvent, RelatedEventResource } from './events.ts'
export { flowRunResult } from './flow-run-result.ts'
export type { FlowRunResult } from './flow-run-result.ts'
export type { components, paths } from './generated.ts'
export type {
  Answer,
  CallArguments,
  CallOptions,
  Method,
  OperationOptions,
  PathOf,
} from './operations.ts'
export type { PagedPath, PageItem, PaginateArguments, PaginateOptions } from './paginate.ts'
export { readLogs } from './read-logs.ts'
export type { Log, ReadLogsOptions } from './read-logs.ts'
export { runDeployment } from './run-deployment.ts'
export type { ParentRun, RunDeploymentOptions } from './run-deployment.ts'
export type { Schemas } from './schemas.ts'
export { createSecret, isSecret, maskSecrets } from './secret.ts'
export type { Secret } from './secret.ts'
export type { SettingKind, SettingSource } from './setting-layers.ts'
export { resolveSettings } from './settings.ts'
export type {
  Attribution,
  ResolveSettingsOptions,
  SettingName,
  SettingOverrides,
  Settings,
} from './settings.ts'
export { setFlowRunState } from './set-flow-run-state.ts'
export type { NewState, SetFlowRunStateOptions, SetStateResult } from './set-flow-run-state.ts'
export { deleteVariable, getVariable, setVariable } from './variables.ts'
export type { SetVariableOptions, VariableOptions, VariableValue } from './variables.ts'
export { isFinalState, waitForFlowRun } from './wait-for-flow-run.ts'
export type { FlowRun, WaitForFlowRunOptions, WatchOptions } from './wait-for-flow-run.ts'
export { withConcurrencySlot } from './with-concurrency-slot.ts'
export type { WithConcurrencySlotOptions } from './with-concurrency-slot.ts'
export type { DeploymentParameters, NameOf, ParametersOf, VariableValues } from './workspace.ts'
