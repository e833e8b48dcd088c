import type { Client, Secret } from '@prefect-ts/api'
import type { AnyBlock, Block, BlockDocument, BlockTypes } from '@prefect-ts/blocks'
import { findBlock, loadBlock, parseBlock } from '@prefect-ts/blocks'
import { expectTypeOf } from 'vitest'

declare module '@prefect-ts/blocks' {
  interface BlockTypes {
    'mail-server': { host: string }
  }
}

declare const options: { client: Client }
declare const anyReference: string
declare const someReference: 's3-bucket/a' | 'secret/b'
declare const someName: `local-file-system/${string}`
declare const document: BlockDocument

// The literal decides the type.
expectTypeOf(loadBlock('s3-bucket/x', options)).resolves.toEqualTypeOf<Block<'s3-bucket'>>()
expectTypeOf(findBlock('secret/x', options)).resolves.toEqualTypeOf<Block<'secret'> | undefined>()
expectTypeOf(loadBlock(someName, options)).resolves.toEqualTypeOf<Block<'local-file-system'>>()
expectTypeOf(loadBlock(someReference, options)).resolves.toEqualTypeOf<
  Block<'s3-bucket'> | Block<'secret'>
>()
expectTypeOf(loadBlock('mail-server/x', options)).resolves.toEqualTypeOf<Block<'mail-server'>>()
expectTypeOf<Block<'mail-server'>['data']>().toEqualTypeOf<{ host: string }>()
expectTypeOf<keyof BlockTypes>().toExtend<string>()

// Any string gives a union that narrows; an unknown slug gives raw data.
expectTypeOf(loadBlock(anyReference, options)).resolves.toEqualTypeOf<AnyBlock>()
expectTypeOf<Extract<AnyBlock, { type: 'secret' }>['data']['value']>().toEqualTypeOf<Secret>()
expectTypeOf(loadBlock('custom/x', options)).resolves.toEqualTypeOf<Block<'custom'>>()
expectTypeOf<Block<'custom'>['data']>().toEqualTypeOf<Record<string, unknown>>()
expectTypeOf<Block['data']>().toEqualTypeOf<Record<string, unknown>>()

// Objects and documents.
expectTypeOf(parseBlock({ type: 'secret', data: { value: 'x' } })).resolves.toEqualTypeOf<
  Block<'secret'>
>()
expectTypeOf(parseBlock(document)).resolves.toEqualTypeOf<AnyBlock>()

// A store adapter takes blocks structurally, without this package.
interface Revealable {
  reveal(): string
}
interface LocalBlockLike {
  type: string
  name?: string | undefined
  data: { basepath?: string | null }
}
interface S3BlockLike {
  type: string
  name?: string | undefined
  data: {
    bucket_name: string
    bucket_folder?: string
    credentials: {
      type: string
      data:
        | { aws_access_key_id?: string | null; aws_secret_access_key?: Revealable | null }
        | { minio_root_user: string; minio_root_password: Revealable }
    }
  }
}
expectTypeOf<Block<'local-file-system'>>().toExtend<LocalBlockLike>()
expectTypeOf<Block<'s3-bucket'>>().toExtend<S3BlockLike>()
expectTypeOf<Block<'s3-bucket'>>().not.toExtend<LocalBlockLike>()
expectTypeOf<keyof Block<'s3-bucket'>>().toEqualTypeOf<'type' | 'name' | 'id' | 'data'>()
expectTypeOf<AnyBlock>().toExtend<{ type: string; name?: string | undefined; data: object }>()
