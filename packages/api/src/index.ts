export { createClient } from './client.ts'
export type { Client, CreateClientOptions } from './client.ts'
export { ApiError, isApiError } from './errors.ts'
export type { ApiErrorCode, ApiErrorOptions } from './errors.ts'
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
