import type { BlockModule } from '../block-module.ts'
import { nullable, text } from '../fields.ts'

/** Fields of `LocalFileSystem` (prefect). */
export interface LocalFileSystemData {
  /** The folder that paths are relative to. Null or '' means the working directory. */
  basepath: string | null
}

export const blockModule: BlockModule<LocalFileSystemData> = {
  readers: { basepath: nullable(text) },
}
