import { isSecret } from '@prefect-ts/api'

/**
 * A block document as Prefect's API answers it. Only the parts that are read here; every document of
 * the API fits.
 */
export interface BlockDocument {
  /** The document's id. */
  readonly id?: string | undefined
  /** The block's name. */
  readonly name?: string | null | undefined
  /** The fields; a block nested by reference is already filled in by the server. */
  readonly data?: object | null | undefined
  /** The type; its `slug` decides how the data is read. */
  readonly block_type?: { readonly slug?: unknown } | null | undefined
  /** The schema; `fields.secret_fields` names the secret fields. */
  readonly block_schema?: { readonly fields?: object | undefined } | null | undefined
  /** For each field that holds a saved block: its document. The data alone does not tell its type. */
  readonly block_document_references?: object | null | undefined
}

/** A block written by hand, for use without a server. Secrets may be plain strings. */
export interface BlockObject<Type extends string = string> {
  /** The slug of the block's type. */
  readonly type: Type
  /** A name, used in messages. */
  readonly name?: string | undefined
  /** The id of the block's document, when there is one. */
  readonly id?: string | undefined
  /** The fields. A nested block is `{ type, data }`, or data with `block_type_slug`, or data alone. */
  readonly data: object
}

/** A record of unknown values: what JSON objects are until they are checked. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether `value` is an object of fields: no list, and no `Secret`, which would look empty. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isSecret(value)
}

/** One block, wherever it came from: what parsing works on. */
export interface BlockSource {
  readonly type: string
  readonly name: string | undefined
  readonly id: string | undefined
  readonly data: Fields
  /** Paths such as `password`, `credentials.token` or `headers.*`. */
  readonly secretFields: readonly string[]
  /** By field: the document of the block saved there. */
  readonly references: Fields
}

/** How messages call a block: `slug/name`, or the slug alone. */
export function blockLabel(type: string, name: string | undefined): string {
  return name === undefined ? type : `${type}/${name}`
}

/** Reads the common parts of an API document or a hand-written object; undefined for neither. */
export function toBlockSource(source: object): BlockSource | undefined {
  if (!isFields(source)) return undefined
  const { id, name, data, type, block_type: documentType } = source
  const common = { id: textOf(id), name: textOf(name), data: isFields(data) ? data : {} }
  if (typeof type === 'string' && isFields(data)) {
    return { ...common, type, secretFields: [], references: {} }
  }
  const slug = fieldOf(documentType, 'slug')
  if (typeof slug !== 'string') return undefined
  const secretFields = fieldOf(fieldOf(source['block_schema'], 'fields'), 'secret_fields')
  const references = source['block_document_references']
  return {
    ...common,
    type: slug,
    secretFields: Array.isArray(secretFields)
      ? secretFields.filter((path) => typeof path === 'string')
      : [],
    references: isFields(references) ? references : {},
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function fieldOf(value: unknown, field: string): unknown {
  return isFields(value) ? value[field] : undefined
}
