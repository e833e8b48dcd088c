export { databaseUrl } from './database-url.ts'
export type { DatabaseBlock } from './database-url.ts'
