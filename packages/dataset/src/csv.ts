export { type CsvCodecOptions, csv } from './csv-codec.ts'
