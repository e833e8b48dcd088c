import type { StoreDriver } from './driver.ts'
import type { Store } from './store.ts'

/** What functions beside the store need of its inside. */
export interface StoreInside {
  readonly driver: StoreDriver
  readonly stallTimeoutMs: number
  readonly journalFolder: string | undefined
}

// Shared by all installed copies of this package, and no part of the interface.
const inside = Symbol.for('@prefect-ts/store inside')

/** Keeps the inside with the store. */
export function keepInside(store: Store, value: StoreInside): void {
  Object.defineProperty(store, inside, { value })
}

/** The inside of a store that `createStore` made; undefined for any other. */
export function insideOf(store: Store): StoreInside | undefined {
  return (store as { readonly [inside]?: StoreInside })[inside]
}
