import type { RowIssue } from './codec.ts'
import { type ColumnType, type ColumnTypes, kindOf } from './columns.ts'
import { DatasetError } from './errors.ts'

/** A row schema of any library that follows Standard Schema (zod, Valibot, ArkType …). */
export interface RowSchema<T = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

/** What a Standard Schema answers. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** One issue of a Standard Schema. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

interface JsonSchema {
  readonly type?: unknown
  readonly format?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly anyOf?: readonly JsonSchema[]
}

/** Fails on what is given for a schema and is none: an empty object, a JSON Schema, a validator of another kind. */
export function checkSchema(schema: unknown, dataset: string): void {
  if (schema === undefined) return
  const isHolder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  const standard = isHolder ? (schema as Partial<RowSchema>)['~standard'] : undefined
  if (typeof standard?.validate === 'function') return
  const what = isHolder ? `${kindOf(schema)} without "~standard"` : kindOf(schema)
  throw new DatasetError(
    `Dataset "${dataset}": the schema is ${what}. It must be a Standard Schema, such as zod's z.object({ … }), Valibot's or ArkType's; column types alone go to the codec, as columns.`,
    { code: 'INVALID_DATASET', dataset },
  )
}

/** The column types that a schema tells, when its library gives a JSON Schema (Standard JSON Schema); else `undefined`. */
export function columnsOf(
  schema: RowSchema | undefined,
  side: 'input' | 'output',
): ColumnTypes | undefined {
  const standard = schema?.['~standard'] as
    | { jsonSchema?: Partial<Record<typeof side, (options: object) => unknown>> }
    | undefined
  let found: JsonSchema | undefined
  try {
    found = standard?.jsonSchema?.[side]?.({
      target: 'draft-2020-12',
      libraryOptions: { unrepresentable: 'any' },
    }) as JsonSchema | undefined
  } catch {
    // A library that can't put this schema into JSON Schema: the types have to be given.
  }
  if (found?.properties === undefined) return undefined
  const types = Object.entries(found.properties).map(
    ([name, property]) => [name, typeOf(property)] as const,
  )
  const known = types.filter((entry): entry is [string, ColumnType] => entry[1] !== undefined)
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

function typeOf(property: JsonSchema): ColumnType | undefined {
  const variants = property.anyOf ?? [property]
  const types = variants
    .flatMap(({ type, format }) =>
      (Array.isArray(type) ? type : [type]).map((one: unknown) => ({ type: one, format })),
    )
    .filter(({ type }) => type !== 'null')
    .map(ofOne)
  const [first] = types
  return types.every((type) => type === first) ? first : undefined
}

function ofOne({ type, format }: JsonSchema): ColumnType | undefined {
  if (type === 'integer') return 'integer'
  if (type === 'number') return 'double'
  if (type === 'boolean') return 'boolean'
  if (type === 'string') return format === 'date' ? 'date' : 'string'
  return undefined
}

/** A schema's issues with the paths and messages of its library, which name kinds and not values. */
export function issuesOf(issues: readonly SchemaIssue[]): RowIssue[] {
  return issues.map((issue) => {
    const path = (issue.path ?? []).map((part) =>
      String(typeof part === 'object' ? part.key : part),
    )
    return { message: issue.message, column: path.join('.') }
  })
}
