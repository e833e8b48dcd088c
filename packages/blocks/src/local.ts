export { blockVariable, createLocalBlocks } from './local-blocks.ts'
export type { LocalBlocks, LocalBlocksOptions } from './local-blocks.ts'
