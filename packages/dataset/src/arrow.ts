export type { RowSource } from './rows.ts'
