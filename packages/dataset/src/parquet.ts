export { type ParquetCodecOptions, parquet } from './parquet-codec.ts'
