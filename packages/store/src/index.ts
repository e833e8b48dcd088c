export { createStore } from './create-store.ts'
export type { CreateStoreOptions } from './create-store.ts'
export { downloadDirectory, uploadDirectory } from './directory.ts'
export type {
  DirectoryProgress,
  DirectoryResult,
  DownloadDirectoryOptions,
  UploadDirectoryOptions,
} from './directory.ts'
export type { DriverCall, DriverGet, DriverObject, DriverPut, StoreDriver } from './driver.ts'
export { isStoreError, quoteKey, StoreError, storeErrorCodes } from './errors.ts'
export type { StoreErrorCode, StoreErrorOptions } from './errors.ts'
export type { KeyRule } from './key.ts'
export { openStore } from './open-store.ts'
export type { BlockLike, OpenStoreOptions, StoreAdapter } from './open-store.ts'
export type {
  ByteRange,
  CopyOptions,
  DownloadOptions,
  Entry,
  GetOptions,
  ListOptions,
  ObjectInfo,
  Progress,
  PutOptions,
  PutResult,
  Store,
  StoreBody,
  StoreCallOptions,
  StoreCapabilities,
  StoreObject,
  TransferOptions,
  UploadOptions,
} from './store.ts'
