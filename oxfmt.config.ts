import { defineConfig } from 'oxfmt'

export default defineConfig({
  printWidth: 100,
  semi: false,
  singleQuote: true,
  ignorePatterns: [
    '**/generated.ts',
    'pnpm-lock.yaml',
    '**/*.md',
    'protocol/**/*.json',
    '.changeset/**',
  ],
})
