import type { AwsCredentialsData } from './types/aws-credentials.ts'
import type { LocalFileSystemData } from './types/local-file-system.ts'
import type { MinioCredentialsData } from './types/minio-credentials.ts'
import type { S3BucketData } from './types/s3-bucket.ts'
import type { SecretData } from './types/secret.ts'

/**
 * The data of each block type by its slug. Open: declare your own types into it and the loading
 * functions infer them. Their data stays unchecked, as the server sent it.
 *
 * @example
 * import '@prefect-ts/blocks'
 * declare module '@prefect-ts/blocks' {
 *   interface BlockTypes {
 *     'mail-server': { host: string; password: { reveal(): string } }
 *   }
 * }
 */
export interface BlockTypes {
  'aws-credentials': AwsCredentialsData
  'local-file-system': LocalFileSystemData
  'minio-credentials': MinioCredentialsData
  's3-bucket': S3BucketData
  secret: SecretData
}

/** The data of a block type: its interface when {@link BlockTypes} has one, else the raw fields. */
export type BlockData<Type extends string> = Type extends keyof BlockTypes
  ? BlockTypes[Type]
  : Record<string, unknown>

/** A block in hand: plain data, with a `Secret` wherever Prefect keeps one. */
export interface Block<Type extends string = string> {
  /** The slug of the block's type, such as `s3-bucket`. */
  readonly type: Type
  /** The block's name on the server. Undefined for an inline nested block or a nameless object. */
  readonly name: string | undefined
  /** The id of the block's document. Undefined when the block did not come from a server. */
  readonly id: string | undefined
  /** The fields under Prefect's own names: unknown ones kept, missing ones at their defaults. */
  readonly data: BlockData<Type>
}

/**
 * A block whose type is known only at run time: a union to narrow on `type`. A custom type that
 * {@link BlockTypes} does not know also arrives here, with raw data.
 */
export type AnyBlock = { [Type in keyof BlockTypes]: Block<Type> }[keyof BlockTypes]

/** The block for a slug: exact for a literal, {@link AnyBlock} for any string. */
export type BlockOfType<Type extends string> = string extends Type
  ? AnyBlock
  : Type extends string
    ? Block<Type>
    : never

/** The block that a reference `type-slug/block-name` names, inferred from the literal. */
export type BlockOf<Reference extends string> = string extends Reference
  ? AnyBlock
  : Reference extends `${infer Type}/${string}`
    ? BlockOfType<Type>
    : never
