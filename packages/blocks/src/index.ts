export { findBlock, loadBlock, loadBlockById } from './load-block.ts'
export type { LoadBlockOptions } from './load-block.ts'
export { parseBlock } from './parse-block.ts'
export { secretValue } from './secret-value.ts'
export { deleteBlock, listBlocks, registerBlockType, saveBlock } from './manage.ts'
export type {
  BlockDataInput,
  BlockInput,
  BlockSummary,
  DeleteBlockOptions,
  ListBlocksOptions,
  RegisterBlockTypeOptions,
  RegisteredBlockType,
  SaveBlockOptions,
} from './manage.ts'
export type {
  BlockTypeData,
  BlockTypeDefinition,
  FieldDefinition,
  FieldValue,
} from './block-type-definition.ts'
export type { ParseBlockOptions } from './parse-block.ts'
export { defineBlock } from './define-block.ts'
export type { BlockDefinition, DefinedData } from './define-block.ts'
export type { StandardSchema, StandardSchemaIssue } from './standard-schema.ts'
export { BlockError, isBlockError } from './errors.ts'
export type { BlockErrorCode, BlockErrorOptions } from './errors.ts'
export type {
  AnyBlock,
  Block,
  BlockData,
  BlockNames,
  BlockOf,
  BlockOfType,
  BlockReference,
  BlockTypes,
  DefinedBlock,
  KnownReference,
} from './block.ts'
export type { BlockDocument, BlockObject } from './document.ts'
export type { SecretDict, SecretSetting, SecretSettings } from './secret-readers.ts'
export type * from './types/index.ts'
export { describeDrift } from './describe-drift.ts'
export type { DescribeDriftOptions, Drift, DriftReport } from './describe-drift.ts'
