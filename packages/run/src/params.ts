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
