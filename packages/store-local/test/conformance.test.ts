import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalStore } from '@prefect-ts/store-local'
import { testStore } from '@prefect-ts/store/testing'
import { afterEach, describe, it } from 'vitest'

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('local store', () => {
  testStore({
    test: it,
    async createStore() {
      const folder = await mkdtemp(join(tmpdir(), 'store-local-'))
      folders.push(folder)
      return createLocalStore({ basepath: join(folder, 'made', 'on demand') })
    },
  })
})
