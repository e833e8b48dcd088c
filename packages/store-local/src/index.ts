export { localAdapter } from './local-adapter.ts'
export type { LocalFileSystemBlock } from './local-adapter.ts'
export { createLocalStore } from './local-store.ts'
export type { CreateLocalStoreOptions } from './local-store.ts'
