import type { Client, Secret } from '@prefect-ts/api'
import type { Block, BlockData, BlockOfType } from './block.ts'
import type { BlockTypeDefinition } from './block-type-definition.ts'

/** Options of {@link listBlocks}. What is not given does not narrow. */
export interface ListBlocksOptions {
  /** The server to ask. */
  readonly client: Client
  /** Slugs of block types; blocks of any of them are listed. */
  readonly type?: string | readonly string[] | undefined
  /** A pattern for the whole name: `*` stands for any characters, `?` for one. */
  readonly name?: string | undefined
  /** Capabilities that a block's type must all have, such as `write-path`. */
  readonly capability?: string | readonly string[] | undefined
  /** Blocks a request. @default 200 */
  readonly pageSize?: number | undefined
  /** Ends the listing, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A block in a list: without its data, so without any secret. */
export interface BlockSummary {
  /** The id of the block's document. */
  readonly id: string
  /** `type-slug/block-name`: what `loadBlock` takes. */
  readonly reference: string
  /** The slug of the block's type. */
  readonly type: string
  readonly name: string
  /** What the block's type can do, such as `read-path`, sorted. */
  readonly capabilities: readonly string[]
  /** When the block was last saved. */
  readonly updated: Date | undefined
}

/**
 * Lists the server's blocks, by type and name, page after page while the loop takes them. Anonymous
 * blocks are left out. Throws a `BlockError` `TYPE_NOT_FOUND` when nothing is found and a type asked
 * for does not exist.
 *
 * @example
 * for await (const { reference, updated } of listBlocks({ client, type: 's3-bucket', name: 'etl-*' })) {
 *   console.log(reference, updated)
 * }
 * @yields one summary a block
 */
export async function* listBlocks(options: ListBlocksOptions): AsyncGenerator<BlockSummary> {
  yield* (await import('./list-blocks.ts')).listBlocks(options)
}

/** Options of {@link saveBlock}. */
export interface SaveBlockOptions {
  /** The server to write to. */
  readonly client: Client
  /** Whether a block of this name may be there already: its fields are then replaced by those given, its other ones kept. @default false */
  readonly overwrite?: boolean | undefined
  /** The schema that the block has, as `registerBlockType` gave it. @default the one of the highest version */
  readonly schemaId?: string | undefined
  /** Ends the call, which then rejects with the signal's reason. It may have saved by then. */
  readonly signal?: AbortSignal | undefined
}

/** A block to save. Secrets may be plain strings; a nested block is a block, or `{ type, data }`. */
export interface BlockInput<Type extends string = string> {
  /** The slug of the block's type. */
  readonly type: Type
  readonly name?: string | undefined
  readonly data: BlockDataInput<BlockData<Type>>
}

/** The fields of a block to save: what has a default may be left out. */
export type BlockDataInput<Data> = { readonly [Field in keyof Data]?: FieldInput<Data[Field]> }

type FieldInput<Value> = Value extends Secret
  ? Secret | string
  : Value extends Block
    ? Value | { readonly type: Value['type']; readonly data: object }
    : Value extends readonly unknown[]
      ? Value
      : Value extends object
        ? { readonly [Field in keyof Value]?: FieldInput<Value[Field]> }
        : Value

/**
 * Saves a block under its name, so that `loadBlock` and Python's `Block.load` find it. The data is
 * checked first: the server does not check it. A nested block that has an id is saved as a reference
 * to it, any other with its data. `********` never takes a secret's place: with `overwrite` the secret
 * that is stored there stays.
 *
 * Resolves to the block with its id. Rejects with a `BlockError`: `ALREADY_EXISTS`, `INVALID_DATA`,
 * `INVALID_NAME`, `OBFUSCATED`, `REJECTED` (with the server's words), `TYPE_NOT_FOUND`.
 *
 * @example
 * const credentials = await saveBlock(
 *   { type: 'minio-credentials', name: 'minio', data: { minio_root_user: 'me', minio_root_password: password } },
 *   { client, overwrite: true },
 * )
 * await saveBlock({ type: 's3-bucket', name: 'willowdata', data: { bucket_name: 'willow', credentials } }, { client })
 */
export async function saveBlock<const Type extends string>(
  block: BlockInput<Type>,
  options: SaveBlockOptions,
): Promise<BlockOfType<Type>> {
  const saved = await (await import('./save-block.ts')).saveBlock(block, options)
  return saved as BlockOfType<Type>
}

/** Options of {@link deleteBlock}. */
export interface DeleteBlockOptions {
  /** The server to delete from. */
  readonly client: Client
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Deletes the block `type-slug/block-name`; there may be none. Blocks that refer to it lose that field. */
export async function deleteBlock(reference: string, options: DeleteBlockOptions): Promise<void> {
  await (await import('./delete-block.ts')).deleteBlock(reference, options)
}

/** Options of {@link registerBlockType}. */
export interface RegisterBlockTypeOptions {
  /** The server to register with. */
  readonly client: Client
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A block type that the server knows now. */
export interface RegisteredBlockType {
  /** Its slug. */
  readonly type: string
  readonly typeId: string
  /** For `saveBlock`. */
  readonly schemaId: string
  /** `sha256:…`, the same that Python computes for the same class. */
  readonly checksum: string
}

/**
 * Registers a custom block type, as `register_type_and_schema` of a Python class does: afterwards
 * blocks of it can be saved from both sides and from Prefect's UI. Repeating it changes nothing.
 *
 * Rejects with a `BlockError`: `INVALID_DEFINITION`, `REJECTED` (with the server's words), and
 * `TYPE_NOT_FOUND` for a nested block type that the server does not know.
 */
export async function registerBlockType(
  definition: BlockTypeDefinition,
  options: RegisterBlockTypeOptions,
): Promise<RegisteredBlockType> {
  return (await import('./register-block-type.ts')).registerBlockType(definition, options)
}
