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
export type { DatasetReadEvent, DatasetWriteEvent } from './events.ts'
export { type DatasetParams, datasetFromParams } from './params.ts'
export type { PartitionType, PartitionValue } from './partition.ts'
export type { CodecContext, CodecSource, Row, RowBatch, RowCodec, RowIssue } from './codec.ts'
export type { ColumnType, ColumnTypes } from './columns.ts'
export type { InvalidRowOptions, RejectedRows } from './rejects.ts'
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
export { type ReadDatasetOptions, readDataset } from './read.ts'
export { type TodayOptions, resolveToday } from './today.ts'
export {
  type DatasetBody,
  type WriteDatasetOptions,
  type WriteDatasetResult,
  writeDataset,
} from './write.ts'
