export { isTemporaryName, writeFileAtomically } from './atomic-file.ts'
export type { WriteFileAtomicallyOptions } from './atomic-file.ts'
export { errorCode, fileError, syncFolder } from './folder.ts'
export type { FileErrorSubject } from './folder.ts'
