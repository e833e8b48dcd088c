import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BlockError } from '../src/index.ts'
import type { BlockErrorCode } from '../src/index.ts'
import { blockVariable, createLocalBlocks } from '../src/local.ts'
import type { LocalBlocksOptions } from '../src/local.ts'

const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-local-'))
const file = join(folder, 'blocks.json')
const minio = { minio_root_user: 'u', minio_root_password: 'canary-local' }
const bucket = {
  bucket_name: 'from-file',
  credentials: { type: 'minio-credentials', data: minio },
}

beforeAll(() => writeFileSync(file, JSON.stringify({ 's3-bucket/willowdata': bucket })))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const variable = 'PREFECT_TS_BLOCK_S3_BUCKET__WILLOWDATA'
const fromEnvironment = { [variable]: JSON.stringify({ ...bucket, bucket_name: 'from-env' }) }

async function name(options: LocalBlocksOptions): Promise<string> {
  const block = await createLocalBlocks({ env: {}, ...options }).load('s3-bucket/willowdata')
  const { credentials } = block.data
  if (credentials.type !== 'minio-credentials') throw new Error(credentials.type)
  expect(credentials.data.minio_root_password.reveal()).toBe('canary-local')
  expect([block.type, block.name, block.id]).toEqual(['s3-bucket', 'willowdata', undefined])
  return block.data.bucket_name
}

it('loads from an object, else a variable, else a file', async () => {
  const blocks = { 's3-bucket/willowdata': { ...bucket, bucket_name: 'from-object' } }
  expect(await name({ blocks, env: fromEnvironment, file })).toBe('from-object')
  expect(await name({ env: fromEnvironment, file })).toBe('from-env')
  expect(await name({ file })).toBe('from-file')
  expect(await name({ env: { [variable]: '' }, file })).toBe('from-file')
})

it('finds nothing where there is nothing, and says where it looked', async () => {
  const blocks = createLocalBlocks({ env: {}, file })
  expect(await blocks.find('s3-bucket/other')).toBeUndefined()
  const error = await failure(blocks.load('s3-bucket/other'), 'NOT_FOUND')
  expect(error.message).toContain('PREFECT_TS_BLOCK_S3_BUCKET__OTHER')
  expect(error.message).toContain(file)
  await failure(blocks.load('toString/constructor'), 'NOT_FOUND')
})

it('names the variable of a block', () => {
  expect(blockVariable('s3-bucket/willow-data')).toBe('PREFECT_TS_BLOCK_S3_BUCKET__WILLOW_DATA')
  expect(() => blockVariable('s3-bucket')).toThrow('with one slash between')
})

it.each<[string, LocalBlocksOptions, BlockErrorCode, string]>([
  ['no JSON', { env: { [variable]: '{"canary' } }, 'INVALID_DATA', variable],
  ['no object', { env: { [variable]: '["canary"]' } }, 'INVALID_DATA', variable],
  [
    'the wrong shape',
    { env: { [variable]: '{"bucket_name":["canary"]}' } },
    'INVALID_DATA',
    variable,
  ],
  [
    'an obfuscated secret',
    {
      blocks: {
        's3-bucket/willowdata': {
          ...bucket,
          credentials: {
            type: 'minio-credentials',
            data: { ...minio, minio_root_password: '********' },
          },
        },
      },
    },
    'OBFUSCATED',
    'the blocks given',
  ],
  [
    'no file',
    { file: join(folder, 'none.json') },
    'INVALID_DATA',
    'none.json cannot be read (ENOENT)',
  ],
  ['a folder', { file: folder }, 'INVALID_DATA', 'cannot be read (EISDIR)'],
])('names the place of %s, never the value', async (_, options, code, place) => {
  const blocks = createLocalBlocks({ env: {}, ...options })
  const error = await failure(blocks.load('s3-bucket/willowdata'), code)
  expect(error.message).toContain(place)
  expect(error.block).toBe('s3-bucket/willowdata')
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('canary')
})

it('names a file that is no object of blocks', async () => {
  const bad = join(folder, 'bad.json')
  writeFileSync(bad, '[{"canary": 1}]')
  const blocks = createLocalBlocks({ env: {}, file: bad })
  const error = await failure(blocks.load('s3-bucket/willowdata'), 'INVALID_DATA')
  expect(error.message).toContain(`the file ${bad} should hold a JSON object of blocks`)
  writeFileSync(bad, '{"s3-bucket/willowdata": "canary"}')
  const entry = createLocalBlocks({ env: {}, file: bad })
  const inner = await failure(entry.load('s3-bucket/willowdata'), 'INVALID_DATA')
  expect(inner.message).toContain(`the file ${bad} should be a JSON object of its fields`)
})

async function failure(call: Promise<unknown>, code: BlockErrorCode): Promise<BlockError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  if (!(error instanceof BlockError)) throw error
  expect(error.code).toBe(code)
  return error
}
