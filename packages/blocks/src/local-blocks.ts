import { readFile } from 'node:fs/promises'
import type { AnyBlock, BlockOf } from './block.ts'
import { isFields } from './document.ts'
import { BlockError } from './errors.ts'
import { parseReference } from './load-block.ts'
import { parseBlock } from './parse-block.ts'

/** Where {@link createLocalBlocks} looks; the first place that has a block wins, in this order. */
export interface LocalBlocksOptions {
  /** The fields of each block by its reference, `type-slug/block-name`. */
  readonly blocks?: Readonly<Record<string, object>> | undefined
  /** Where to look for variables, see {@link blockVariable}. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Path of a JSON file with an object like `blocks`. Read when a block is first asked for. */
  readonly file?: string | undefined
}

/** Blocks that need no server. */
export interface LocalBlocks {
  /** The block, like `loadBlock`. Rejects with a `BlockError`, which names the variable or file but no value. */
  load<const Reference extends string>(reference: Reference): Promise<BlockOf<Reference>>
  /** The same, but undefined where there is none. */
  find<const Reference extends string>(
    reference: Reference,
  ): Promise<BlockOf<Reference> | undefined>
}

/**
 * The environment variable that holds the fields of a block as JSON:
 * `PREFECT_TS_BLOCK_S3_BUCKET__WILLOWDATA` for `s3-bucket/willowdata`.
 */
export function blockVariable(reference: string): string {
  const { slug, name } = parseReference(reference)
  const [type, own] = [slug, name].map((part) => part.toUpperCase().replaceAll('-', '_'))
  return `PREFECT_TS_BLOCK_${type}__${own}`
}

/**
 * Blocks for laptops and tests, from an object, environment variables and a file; checked and typed
 * like those of a server. A custom type has no schema here: `createSecret` makes its secrets such.
 *
 * @example
 * const blocks = createLocalBlocks({ file: 'blocks.json' })
 * const block = (await blocks.find('s3-bucket/willowdata')) ?? (await loadBlock('s3-bucket/willowdata', { client }))
 */
export function createLocalBlocks(options: LocalBlocksOptions = {}): LocalBlocks {
  const { blocks = {}, env = process.env, file } = options
  let fromFile: Promise<Readonly<Record<string, unknown>>> | undefined

  async function lookUp(reference: string): Promise<[data: unknown, place: string] | undefined> {
    const variable = blockVariable(reference)
    if (Object.hasOwn(blocks, reference)) return [blocks[reference], 'the blocks given']
    const text = env[variable]
    if (text !== undefined && text !== '') {
      const place = `the variable ${variable}`
      return [parseJson(text, reference, place), place]
    }
    if (file === undefined) return undefined
    fromFile ??= readBlocks(file, reference)
    const all = await fromFile
    return Object.hasOwn(all, reference) ? [all[reference], `the file ${file}`] : undefined
  }

  async function find(reference: string): Promise<AnyBlock | undefined> {
    const found = await lookUp(reference)
    if (found === undefined) return undefined
    const [data, place] = found
    if (!isFields(data)) throw invalid(reference, place, 'should be a JSON object of its fields')
    const { slug: type, name } = parseReference(reference)
    try {
      return await parseBlock({ type, name, data } as { type: string; name: string; data: object })
    } catch (error) {
      if (!(error instanceof BlockError)) throw error
      const { code, block } = error
      throw new BlockError(`${error.message} It came from ${place}.`, { code, block, cause: error })
    }
  }

  async function load(reference: string): Promise<AnyBlock> {
    const found = await find(reference)
    if (found !== undefined) return found
    throw new BlockError(
      `Block "${reference}" is not given: neither as an object, nor in the variable ` +
        `${blockVariable(reference)}, nor in ${file === undefined ? 'a file' : `the file ${file}`}.`,
      { code: 'NOT_FOUND', block: reference },
    )
  }

  // The literal of the reference says which of the blocks it is.
  return { load, find } as LocalBlocks
}

async function readBlocks(
  file: string,
  reference: string,
): Promise<Readonly<Record<string, unknown>>> {
  const place = `the file ${file}`
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    throw new BlockError(`Block "${reference}": ${place} cannot be read (${code}).`, {
      code: 'INVALID_DATA',
      block: reference,
      cause,
    })
  }
  const value = parseJson(text, reference, place)
  if (isFields(value)) return value
  throw invalid(reference, place, 'should hold a JSON object of blocks by their references')
}

function parseJson(text: string, reference: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The parser's own error quotes the text.
    throw invalid(reference, place, 'is not JSON')
  }
}

function invalid(reference: string, place: string, problem: string): BlockError {
  return new BlockError(`Block "${reference}": ${place} ${problem}.`, {
    code: 'INVALID_DATA',
    block: reference,
  })
}
