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
  },
})
