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
export { type ReadDatasetOptions, readDataset } from './read.ts'
export { type TodayOptions, resolveToday } from './today.ts'
export {
  type DatasetBody,
  type WriteDatasetOptions,
  type WriteDatasetResult,
  writeDataset,
} from './write.ts'
