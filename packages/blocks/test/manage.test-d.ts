import type { Client, Secret } from '@prefect-ts/api'
import { expectTypeOf } from 'vitest'
import type { Block, BlockTypeData } from '../src/index.ts'
import { saveBlock } from '../src/index.ts'

declare const client: Client
declare const credentials: Block<'minio-credentials'>
declare const secret: Secret

const definition = {
  className: 'C',
  fields: {
    host: { type: 'string' },
    port: { type: 'integer', default: 25 },
    password: { type: 'secret', nullable: true, default: null },
    tags: { type: 'array', items: { type: 'string' }, optional: true },
    mode: { type: 'enum', values: ['a', 'b'] },
    proxy: { type: 'model', className: 'P', fields: { host: { type: 'string' } } },
    credentials: { type: 'block', blocks: ['aws-credentials', 'minio-credentials'] },
    limits: { type: 'object', values: { type: 'number' } },
    other: { schema: { type: 'string' } },
  },
} as const

type Data = BlockTypeData<typeof definition>
expectTypeOf<Data['host']>().toEqualTypeOf<string>()
expectTypeOf<Data['port']>().toEqualTypeOf<number | undefined>()
expectTypeOf<Data['password']>().toEqualTypeOf<Secret | null | undefined>()
expectTypeOf<Data['tags']>().toEqualTypeOf<string[] | undefined>()
expectTypeOf<Data['mode']>().toEqualTypeOf<'a' | 'b'>()
expectTypeOf<Data['proxy']['host']>().toEqualTypeOf<string>()
expectTypeOf<Data['credentials']['type']>().toEqualTypeOf<'aws-credentials' | 'minio-credentials'>()
expectTypeOf<Data['limits']>().toEqualTypeOf<Record<string, number>>()
expectTypeOf<Data['other']>().toEqualTypeOf<unknown>()

// A secret may be text, a nested block a block or { type, data }; fields with defaults may be missing.
const saved = await saveBlock(
  { type: 's3-bucket', name: 'b', data: { bucket_name: 'b', credentials } },
  { client },
)
expectTypeOf(saved).toEqualTypeOf<Block<'s3-bucket'>>()
await saveBlock(
  {
    type: 'minio-credentials',
    name: 'b',
    data: { minio_root_user: 'u', minio_root_password: secret },
  },
  { client },
)
await saveBlock({ type: 'secret', name: 'b', data: { value: 'text' } }, { client, overwrite: true })
await saveBlock({ type: 'a-custom-type', name: 'b', data: { anything: 1 } }, { client })
// @ts-expect-error -- a bucket's name is text
await saveBlock({ type: 's3-bucket', name: 'b', data: { bucket_name: 1 } }, { client })
// @ts-expect-error -- there is no such field
await saveBlock({ type: 's3-bucket', name: 'b', data: { bucket_nam: 'b' } }, { client })
