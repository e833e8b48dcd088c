import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { isStoreError } from '@prefect-ts/store'
import {
  blockFields,
  checkEndpoint,
  isRemoteBlock,
  lookupUnlessMetadata,
  openRemoteBase,
  posixJoin,
} from '@prefect-ts/store/adapter'
import { describe, expect, it } from 'vitest'

function rowsOf<Row>(name: string): Row[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8')) as Row[]
}

function code(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (isStoreError(error)) return error.code
    throw error
  }
}

function blockOf(basepath: string) {
  return { type: 'remote-file-system', data: { basepath, settings: {} } } as const
}

function isKey(path: string): boolean {
  return (
    path !== '' &&
    !path.startsWith('/') &&
    !path.includes('\0') &&
    path.isWellFormed() &&
    !path.split('/').some((segment) => segment === '.' || segment === '..')
  )
}

describe('posixJoin', () => {
  const rows = rowsOf<[folder: string, path: string, joined: string]>('join-vectors.json')

  it('joins as PurePosixPath does', () => {
    expect(rows.length).toBeGreaterThan(600)
    expect(rows.filter(([folder, path, joined]) => posixJoin(folder, path) !== joined)).toEqual([])
    expect(posixJoin('//a', 'b')).toBe('//a/b')
    expect(posixJoin('///a', 'b')).toBe('/a/b')
  })
})

describe('RemoteFileSystem', () => {
  type Row = [basepath: string, path: string, resolved: string | null]
  const rows = rowsOf<Row>('remote-vectors.json')
  const schemes = ['s3', 'gs', 'gcs', 'az', 'abfs', 'memory']
  it('resolves keys as Python does, or refuses them', () => {
    let same = 0
    let refused = 0
    const wrong: Row[] = []
    for (const [basepath, path, resolved] of rows) {
      const block = blockOf(basepath)
      if (!isRemoteBlock(block, schemes) || !isKey(path) || basepath.includes('\0')) continue
      const base = openRemoteBase(block)
      const scheme = basepath.slice(0, basepath.indexOf(':'))
      const name = `${scheme}://${base.bucket}/${base.toName(path)}`
      const isRefused = base.keyRule(path) !== undefined
      if (isRefused) refused++
      else same++
      // What is refused does not survive Python's reading of it.
      if (isRefused === (name === resolved)) wrong.push([basepath, path, resolved])
    }
    expect(wrong).toEqual([])
    expect(same).toBeGreaterThan(50)
    expect(refused).toBeGreaterThan(5)
  })

  it('knows its schemes only', () => {
    expect(isRemoteBlock(blockOf('gs://bucket/x'), ['gs', 'gcs'])).toBe(true)
    const others = ['GS://b/x', 'gs:///x', 'gs:b', 's3://b', ' gs://b', 'b']
    expect(others.filter((basepath) => isRemoteBlock(blockOf(basepath), ['gs', 'gcs']))).toEqual([])
    expect(isRemoteBlock({ type: 'gcs-bucket', data: {} }, ['gs'])).toBe(false)
  })
})

describe('fields of a block', () => {
  const block = { type: 's3-bucket', name: 'prod', data: {} }

  it('leaves out nulls and what Prefect adds', () => {
    const value = { block_type_slug: 'x', a: 1, b: null }
    expect(blockFields(block, value, 'credentials', ['a', 'b'])).toEqual({ a: 1 })
  })

  it('refuses unknown ones by name', () => {
    expect(() => blockFields(block, { anno: 'secret' }, 'its settings', ['anon'])).toThrow(
      'Cannot open block "s3-bucket/prod" as a store: the field anno of its settings is not supported (known are anon)',
    )
    expect(code(() => blockFields(block, [], 'its settings', []))).toBe('INVALID_CONFIG')
  })
})

describe('endpoints', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.170.2',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518',
    'https://[::ffff:169.254.169.254]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[::a9fe:a9fe]/',
    'https://[64:ff9b::169.254.169.254]/',
    'https://[2002:a9fe:a9fe::1]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fd00:ec2::23]/',
    'http://100.100.100.200/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://%31%36%39.254.169.254/',
    'http://１６９.254.169.254/',
    'ftp://host/',
    'file:///etc/passwd',
    'https://user:password@host/',
    'host:9000',
    '',
  ])('refuses %s', (text) => {
    expect(code(() => checkEndpoint(text, 'endpoint_url of a block'))).toBe('INVALID_CONFIG')
  })

  it('refuses every metadata address in every form that leads to it', () => {
    const addresses = [
      '169.254.169.254',
      '169.254.170.2',
      '169.254.170.23',
      '169.254.0.23',
      '100.100.100.200',
      '192.0.0.192',
      '168.63.129.16',
    ]
    const urls = addresses.flatMap((address) => {
      const bytes = address.split('.').map(Number)
      const [a = 0, b = 0, c = 0, d = 0] = bytes
      const hex = Buffer.from(bytes).toString('hex')
      const words = `${hex.slice(0, 4)}:${hex.slice(4)}`
      const hosts = [
        address,
        `${address}.`,
        String(Number.parseInt(hex, 16)),
        `0x${hex}`,
        bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
        bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
        `${a}.${b * 65_536 + c * 256 + d}`,
        `${a}.${b}.${c * 256 + d}`,
        `%${address.charCodeAt(0).toString(16)}${address.slice(1)}`,
        address.replaceAll('.', '\u3002'),
        String.fromCharCode(address.charCodeAt(0) + 0xfee0) + address.slice(1),
        `[::ffff:${address}]`,
        `[::ffff:${words}]`,
        `[0:0:0:0:0:ffff:${words}]`,
        `[::${words}]`,
        `[64:ff9b::${words}]`,
        `[2002:${words}::]`,
      ]
      return hosts.flatMap((host) => [`http://${host}/latest`, `https://${host}:8443`])
    })
    expect(urls.length).toBeGreaterThan(150)
    const passed = urls.filter(
      (url) => code(() => checkEndpoint(url, 'endpoint_url')) !== 'INVALID_CONFIG',
    )
    expect(passed).toEqual([])
  })

  it('never shows a password', () => {
    expect(() => checkEndpoint('https://user:hunter2@host/', 'endpoint')).toThrow(
      /^The endpoint holds credentials$/,
    )
  })

  it('allows private hosts, and warns once of plain http beyond this machine', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listener)
    try {
      for (const text of [
        'http://127.0.0.1:9000',
        'http://localhost:9000',
        'http://[::1]:9000',
        'https://minio.internal',
        'https://10.0.0.5',
        'http://10.0.0.7:9000',
        'http://10.0.0.7:9000/',
      ]) {
        expect(checkEndpoint(text, 'endpoint_url').protocol).toMatch(/^https?:$/)
      }
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      process.off('warning', listener)
    }
    expect(warnings.map(({ message }) => message)).toEqual([
      'The endpoint_url is plain http to 10.0.0.7:9000: what is sent can be read on its way',
    ])
  })

  it('refuses a name that leads to such an address when it connects', async () => {
    // The system's resolver passes addresses through, which stands for a name with such a record.
    const error = await new Promise((resolve) => {
      lookupUnlessMetadata('169.254.169.254', { all: true }, (reason) => resolve(reason))
    })
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' })
    const refused = await new Promise((resolve) => {
      const outgoing = request({ host: 'localhost', port: 1, lookup: lookupUnlessMetadata })
      outgoing.once('error', resolve).end()
    })
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  })
})
