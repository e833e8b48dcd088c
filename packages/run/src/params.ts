import { isObject } from './context.ts'
import { RunError } from './errors.ts'

/**
 * A schema of any library that implements Standard Schema 1 (zod, valibot, arktype, …).
 * Source: https://standardschema.dev, reduced to what this package calls.
 */
export interface ParamsSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** The type of the params after validation. */
export type InferOutput<Schema extends ParamsSchema> = NonNullable<
  Schema['~standard']['types']
>['output']

/** Validates `params`. Rejects with `INVALID_PARAMS` that names each field and `place`, where the params came from. */
export async function validateParams<Schema extends ParamsSchema>(
  schema: Schema,
  params: unknown,
  place: string,
): Promise<InferOutput<Schema>> {
  const result = await schema['~standard'].validate(params)
  if (result.issues === undefined) return result.value
  const issues = result.issues.map((issue) => {
    const path = (issue.path ?? []).map((part) =>
      String(typeof part === 'object' ? part.key : part),
    )
    return path.length === 0 ? issue.message : `"${path.join('.')}": ${issue.message}`
  })
  throw new RunError(
    'INVALID_PARAMS',
    `The job does not accept ${place}: ${issues.join('; ')}. Correct the params and start it again.`,
  )
}

/** `run_date` as `runDate`. */
export function toCamelCase(name: string): string {
  return name.replaceAll(/(?<=[^_])_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}

/** `runDate` as `run_date`; the inverse of {@link toCamelCase} for names that it made of letters. */
export function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The params under their names in camelCase; only the params' own names, not what is inside them. */
export function renameParams(
  params: Readonly<Record<string, unknown>>,
  place: string,
): Record<string, unknown> {
  const renamed: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(params)) {
    const camel = toCamelCase(name)
    if (Object.hasOwn(renamed, camel)) {
      throw new RunError(
        'INVALID_PARAMS',
        `The job does not accept ${place}: two of them are named "${camel}" in camelCase.`,
      )
    }
    renamed[camel] = value
  }
  return renamed
}

/** `JSON.parse` that refuses integers which JavaScript would round, by the name that they stand under. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, refuseRounded)
}

/** A number of 2^53 or more, as the text had it. */
export class RoundedNumberError extends Error {
  override readonly name = 'RoundedNumberError'
}

// The third argument came with Node 21; TypeScript's library does not know it yet.
function refuseRounded(
  this: unknown,
  key: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  if (!/^-?\d+$/.test(context?.source ?? '')) return value
  throw new RoundedNumberError(
    `"${key}" is an integer beyond 2^53-1, which JavaScript rounds; pass it as text`,
  )
}

/** The schema as JSON Schema, for who passes the params. Throws `INVALID_PARAMS` when its library can't say it. */
export function describeParams(
  schema: ParamsSchema | undefined,
  camelCase: boolean,
): Record<string, unknown> {
  if (schema === undefined) return { type: 'object' }
  const standard: object = schema['~standard']
  const converter = 'jsonSchema' in standard ? standard.jsonSchema : undefined
  if (!isConverter(converter)) {
    throw new RunError(
      'INVALID_PARAMS',
      `The schema of the params (${schema['~standard'].vendor}) has no Standard JSON Schema: use a library and version that implements it, such as zod 4.2.`,
    )
  }
  let described: Record<string, unknown>
  try {
    described = converter.input({ target: 'draft-2020-12' })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RunError(
      'INVALID_PARAMS',
      `The schema of the params can't be written as JSON Schema: ${reason}. Params come as JSON: describe dates as text, such as z.iso.date().`,
      { cause },
    )
  }
  return camelCase ? renameProperties(described) : described
}

/** Standard JSON Schema 1. Source: https://standardschema.dev/json-schema. */
interface JsonSchemaConverter {
  input(options: { target: string }): Record<string, unknown>
}

function isConverter(value: unknown): value is JsonSchemaConverter {
  return isObject(value) && typeof value['input'] === 'function'
}

function renameProperties(schema: Record<string, unknown>): Record<string, unknown> {
  const { properties, required } = schema
  return {
    ...schema,
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [toSnakeCase(name), value]),
      ),
    }),
    ...(Array.isArray(required) && { required: required.map(String).map(toSnakeCase) }),
  }
}
