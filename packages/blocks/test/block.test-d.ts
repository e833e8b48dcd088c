import type { Client, Secret } from '@prefect-ts/api'
import type {
  AnyBlock,
  Block,
  BlockDocument,
  BlockReference,
  BlockTypes,
  KnownReference,
  SecretDict,
} from '@prefect-ts/blocks'
import { defineBlock, findBlock, loadBlock, loadBlockById, parseBlock } from '@prefect-ts/blocks'
import { type s3BucketSchema, secretText } from '@prefect-ts/blocks/zod'
import { expectTypeOf } from 'vitest'
import * as z from 'zod'

declare module '@prefect-ts/blocks' {
  interface BlockTypes {
    'mail-server': { host: string }
  }
  interface BlockNames {
    's3-bucket': 'willowdata' | 'raw'
    'mail-server': 'prod'
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

// Every type that Prefect's server knows.
expectTypeOf(loadBlock('gcs-bucket/x', options)).resolves.toEqualTypeOf<Block<'gcs-bucket'>>()
expectTypeOf<Block<'gcs-bucket'>['data']['gcp_credentials']>().toEqualTypeOf<
  Block<'gcp-credentials'>
>()
expectTypeOf<
  Block<'gcp-credentials'>['data']['service_account_info']
>().toEqualTypeOf<SecretDict | null>()
expectTypeOf<Block<'slack-webhook'>['data']['url']>().toEqualTypeOf<Secret>()
expectTypeOf<Block<'webhook'>['data']['method']>().toEqualTypeOf<
  'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
>()
expectTypeOf<Block<'remote-file-system'>['data']['basepath']>().toEqualTypeOf<string | Secret>()
expectTypeOf<Block<'string'>['data']['value']>().toEqualTypeOf<string>()
expectTypeOf<Block<'json'>['data']['value']>().toEqualTypeOf<unknown>()
expectTypeOf<Block<'dbt-cli-profile'>['data']['target_configs']['type']>().toEqualTypeOf<
  | 'dbt-cli-bigquery-target-configs'
  | 'dbt-cli-postgres-target-configs'
  | 'dbt-cli-snowflake-target-configs'
  | 'dbt-cli-target-configs'
>()

// Names are offered, and any other string compiles.
expectTypeOf<KnownReference>().toEqualTypeOf<
  's3-bucket/willowdata' | 's3-bucket/raw' | 'mail-server/prod'
>()
expectTypeOf<string>().toExtend<BlockReference>()
expectTypeOf(loadBlock('s3-bucket/willowdata', options)).resolves.toEqualTypeOf<
  Block<'s3-bucket'>
>()

// A type of one's own: from its schema, by the literal or in the union.
const custom = defineBlock({
  slug: 'custom',
  schema: z.object({ port: z.string().transform(Number), token: secretText }),
})
const known = defineBlock({ slug: 'secret', schema: z.object({ value: z.number() }) })
interface CustomData {
  port: number
  token: Secret
}
const withTypes = { ...options, types: [custom, known] }
expectTypeOf(loadBlock('custom/x', withTypes)).resolves.toEqualTypeOf<Block<'custom', CustomData>>()
expectTypeOf(loadBlock('secret/x', withTypes)).resolves.toEqualTypeOf<
  Block<'secret', { value: number }>
>()
expectTypeOf(loadBlock('s3-bucket/x', withTypes)).resolves.toEqualTypeOf<Block<'s3-bucket'>>()
expectTypeOf(findBlock('custom/x', withTypes)).resolves.toEqualTypeOf<
  Block<'custom', CustomData> | undefined
>()
expectTypeOf(loadBlock(anyReference, withTypes)).resolves.toEqualTypeOf<
  | Exclude<AnyBlock, { type: 'secret' }>
  | Block<'custom', CustomData>
  | Block<'secret', { value: number }>
>()
expectTypeOf(loadBlockById(anyReference, options)).resolves.toEqualTypeOf<AnyBlock>()
expectTypeOf(parseBlock({ type: 'custom', data: {} }, { types: [custom] })).resolves.toEqualTypeOf<
  Block<'custom', CustomData>
>()
expectTypeOf<z.output<typeof s3BucketSchema>>().toEqualTypeOf<Block<'s3-bucket'>['data']>()
