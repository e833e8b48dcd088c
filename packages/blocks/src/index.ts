export { findBlock, loadBlock } from './load-block.ts'
export type { LoadBlockOptions } from './load-block.ts'
export { parseBlock } from './parse-block.ts'
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
export { BlockError, isBlockError } from './errors.ts'
export type { BlockErrorCode, BlockErrorOptions } from './errors.ts'
export type { AnyBlock, Block, BlockData, BlockOf, BlockOfType, BlockTypes } from './block.ts'
export type { BlockDocument, BlockObject } from './document.ts'
export type { AwsClientParameters } from './types/aws-client-parameters.ts'
export type { AwsCredentialsData } from './types/aws-credentials.ts'
export type { LocalFileSystemData } from './types/local-file-system.ts'
export type { MinioCredentialsData } from './types/minio-credentials.ts'
export type { S3BucketData } from './types/s3-bucket.ts'
export type { SecretData } from './types/secret.ts'
