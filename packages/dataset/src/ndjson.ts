export { type NdjsonCodecOptions, ndjson } from './ndjson-codec.ts'
