export {
  type Catalog,
  type CatalogDatasetOptions,
  type CatalogDocument,
  type CatalogEntry,
  type DatasetDefinition,
  type DatasetDefinitions,
  catalogFromJson,
  defineCatalog,
} from './catalog.ts'
export {
  type Compression,
  type CreateDatasetOptions,
  type Dataset,
  type DatasetType,
  type RundateType,
  createDataset,
} from './dataset.ts'
export {
  DatasetError,
  type DatasetErrorCode,
  type DatasetErrorOptions,
  isDatasetError,
} from './errors.ts'
export type { DatasetReadEvent, DatasetWriteEvent, DatasetWriteFailedEvent } from './events.ts'
export {
  type DatasetDescription,
  type DatasetInfo,
  type FindOptions,
  type ListPartitionsOptions,
  type PartitionInfo,
  datasetExists,
  describeDataset,
  listDatasets,
  listPartitions,
  missingRundates,
  newestPartition,
  partitionDataset,
} from './find.ts'
export type { LatestState } from './latest.ts'
export { type DatasetParams, datasetFromParams } from './params.ts'
export type { PartitionType, PartitionValue } from './partition.ts'
export type { CodecContext, CodecSource, Row, RowBatch, RowCodec, RowIssue } from './codec.ts'
export type { ColumnType, ColumnTypes } from './columns.ts'
export type { InvalidRowOptions, RejectedRows } from './rejects.ts'
export {
  type DeleteOldPartitionsOptions,
  type DeletedPartitions,
  deleteOldPartitions,
  deletePartition,
} from './retention.ts'
export type { RowSchema, SchemaIssue, SchemaResult } from './row-schema.ts'
export {
  type ReadRowsOptions,
  type RowReader,
  type RowSource,
  type WriteRowsOptions,
  type WriteRowsResult,
  readRows,
  writeRows,
} from './rows.ts'
export { type DatasetQueryOptions, type QueryEngine, datasetQuery } from './query.ts'
export { type ReadDatasetOptions, readDataset } from './read.ts'
export { type TodayOptions, resolveToday } from './today.ts'
export {
  type DatasetBody,
  type WriteDatasetOptions,
  type WriteDatasetResult,
  writeDataset,
} from './write.ts'
