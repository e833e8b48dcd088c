export { createStore } from './create-store.ts'
export type { CreateStoreOptions } from './create-store.ts'
export { downloadDirectory, uploadDirectory } from './directory.ts'
export type {
  DirectoryProgress,
  DirectoryResult,
  DownloadDirectoryOptions,
  UploadDirectoryOptions,
} from './directory.ts'
export { READ_AND_WRITE } from './driver.ts'
export type {
  ChunkSink,
  DriverCall,
  DriverGet,
  DriverInfo,
  DriverMultipart,
  DriverObject,
  DriverParallelRead,
  DriverPart,
  DriverPut,
  PendingUpload,
  StoreDriver,
} from './driver.ts'
export { isStoreError, quoteKey, StoreError, storeErrorCodes } from './errors.ts'
export type { StoreErrorCode, StoreErrorOptions } from './errors.ts'
export type { KeyRule } from './key.ts'
export { openStore } from './open-store.ts'
export type { BlockLike, OpenStoreOptions, StoreAdapter } from './open-store.ts'
export { signUrl } from './sign-url.ts'
export type {
  ByteRange,
  CopyOptions,
  Digest,
  DownloadOptions,
  DownloadResult,
  Entry,
  GetOptions,
  ListOptions,
  ObjectInfo,
  Progress,
  PutOptions,
  PutResult,
  SignUrlOptions,
  Store,
  StoreBody,
  StoreCallOptions,
  StoreCapabilities,
  StoreObject,
  TransferOptions,
  UploadOptions,
} from './store.ts'
export { sweepUploads } from './sweep-uploads.ts'
export type { SweepResult } from './sweep-uploads.ts'
