export { hostileKeys } from './conformance/keys.ts'
export { testStore } from './conformance/test-store.ts'
export type { TestStoreOptions } from './conformance/test-store.ts'
