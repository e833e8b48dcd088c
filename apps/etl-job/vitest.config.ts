import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['@prefect-ts/source'] } },
  test: {
    name: 'etl-job',
    include: ['test/**/*.test.ts'],
    // Prefect's server on SQLite may stand still for a minute under workers: by default the limit of a call.
    env: { PREFECT_API_REQUEST_TIMEOUT: '150' },
    testTimeout: 400_000,
    hookTimeout: 180_000,
  },
})
