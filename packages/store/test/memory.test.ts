import { describe, it } from 'vitest'
import { createMemoryStore } from '../src/memory.ts'
import { testStore } from '../src/testing.ts'

describe('memory store', () => {
  testStore({ test: it, createStore: () => createMemoryStore() })
})
