import type { Secret } from '@prefect-ts/api'
import * as z from 'zod'
import type { Block, BlockTypes } from '../block.ts'
import { isBlockError } from '../errors.ts'
import type { Reader } from '../fields.ts'
import * as readers from '../secret-readers.ts'
import type { SecretDict, SecretSettings } from '../secret-readers.ts'

/** A secret string, given as text or as a `Secret`; the result is a `Secret`. */
export const secretText: z.ZodType<Secret> = read(readers.secretText, 'a secret string')

/** Any JSON value that is secret; the result is a `Secret` of the string or of the JSON text. */
export const secretJson: z.ZodType<Secret> = read(readers.secretJson, 'any JSON value')

/** An object of which every value is secret. */
export const secretDict: z.ZodType<SecretDict> = read(readers.secretDict, 'an object')

/** JSON in which the values with a telling name are secret. */
export const secretSettings: z.ZodType<SecretSettings> = read(readers.secretSettings, 'an object')

/** A string, or a `Secret` when it is a URL with credentials in it. */
export const urlText: z.ZodType<string | Secret> = read(readers.urlText, 'a string')

/** A block `{ type, name?, id?, data }` of one of these types. */
export function nestedBlock<Slug extends keyof BlockTypes>(schemas: {
  readonly [Each in Slug]: z.ZodType<BlockTypes[Each]>
}): z.ZodType<{ [Each in Slug]: Block<Each> }[Slug]>
export function nestedBlock(schemas: Readonly<Record<string, z.ZodType>>): z.ZodType<Block> {
  const [first, ...rest] = Object.entries(schemas).map(([slug, data]) =>
    z.object({
      type: z.literal(slug),
      name: z.string().optional(),
      id: z.string().optional(),
      data: data as z.ZodType<Block['data']>,
    }),
  )
  if (first === undefined) throw new TypeError('nestedBlock needs a schema')
  return z
    .discriminatedUnion('type', [first, ...rest])
    .transform(({ type, name, id, data }) => ({ type, name, id, data }))
}

/** A schema that gives what the reader gives. Secrets may be plain strings or `Secret`s. */
function read<Value>(reader: Reader<Value>, expected: string): z.ZodType<Value> {
  return z.unknown().transform((value, context) => {
    try {
      return reader(value, { block: '', field: '' })
    } catch (error) {
      const message = isBlockError(error, 'OBFUSCATED')
        ? 'Invalid input: ******** in place of a secret'
        : `Invalid input: expected ${expected}`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  })
}
