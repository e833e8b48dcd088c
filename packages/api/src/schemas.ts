import type { components } from './generated.ts'

/** The objects of the API by name: `Schemas['FlowRun']`. */
export type Schemas = components['schemas']
