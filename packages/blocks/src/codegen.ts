export { generateWorkspaceTypes } from './codegen/workspace-types.ts'
export type { GenerateWorkspaceTypesOptions } from './codegen/workspace-types.ts'
