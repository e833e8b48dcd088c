import type { Store } from '../store.ts'
import type { Case } from './case.ts'
import { conditionCases } from './conditions.ts'
import { contentCases } from './content.ts'
import { failureCases } from './failures.ts'
import { keyCases } from './keys.ts'
import { largeCases } from './large.ts'
import { transferCases } from './transfers.ts'

/** Options of `testStore`. */
export interface TestStoreOptions {
  /** Registers one test: `it` of vitest, `test` of `node:test`, or the like. */
  test: (name: string, run: () => Promise<void>) => unknown
  /** Makes a store that is empty and that no other test uses. Called once in every test. */
  createStore: () => Store | Promise<Store>
}

/**
 * Registers the tests that every store must pass, whatever its backend. They follow `store.capabilities`: what is
 * declared must work, and what is not must reject with `UNSUPPORTED`. There is nothing to switch off.
 *
 * @example
 * testStore({ test: it, createStore: () => createMemoryStore() })
 */
export function testStore(options: TestStoreOptions): void {
  const cases: readonly Case[] = [
    ...contentCases,
    ...keyCases,
    ...conditionCases,
    ...failureCases,
    ...transferCases,
    ...largeCases,
  ]
  for (const { name, run } of cases) {
    options.test(name, async () => run(await options.createStore()))
  }
}
