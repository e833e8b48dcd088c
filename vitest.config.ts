import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      'packages/*/vitest.config.ts',
      'apps/*/vitest.config.ts',
      'checks/*/vitest.config.ts',
    ],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 20_000,
    // By default one worker on two cores, which then wait for servers half of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
