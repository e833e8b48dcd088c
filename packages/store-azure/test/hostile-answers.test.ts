import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createAzureStore } from '@prefect-ts/store-azure'
import { expect, it } from 'vitest'
import {
  aboutObject,
  sendEndless,
  unaskedParts,
  useHostileServer,
} from '../../../test/hostile-server.ts'

const hostile = useHostileServer()

function open() {
  const connectionString = `AccountName=a;AccountKey=a2V5;BlobEndpoint=${hostile.url}/a`
  return createAzureStore({ container: 'vec', connectionString })
}

async function firstOf<Item>(items: AsyncIterable<Item>): Promise<Item | undefined> {
  for await (const item of items) return item
  return undefined
}

it.each(unaskedParts)('an answer %s is not taken for the blob', async (_name, more) => {
  hostile.answer = (_request, response) => {
    response.writeHead(206, { ...aboutObject, ...more, 'content-length': 5 }).end('abcde')
  }
  await expect(open().get('k')).rejects.toMatchObject({ code: 'IO_ERROR' })
  const download = open().download('k', join(hostile.folder, 'k'))
  await expect(download).rejects.toMatchObject({ name: 'StoreError' })
  expect(await readdir(hostile.folder)).toEqual([])
})

it('a web server that says 200 to everything has stored nothing', async () => {
  hostile.answer = (_request, response) => response.writeHead(200).end('<html>welcome</html>')
  const failed = { code: expect.stringMatching(/IO_ERROR|UNAVAILABLE/) }
  await expect(open().put('k', 'content')).rejects.toMatchObject(failed)
  await expect(open().get('k')).rejects.toMatchObject(failed)
  await expect(open().head('k')).rejects.toMatchObject(failed)
  await expect(open().delete('k')).rejects.toMatchObject(failed)
  await expect(firstOf(open().list())).rejects.toMatchObject(failed)
})

it('a size that is not said is not 0', async () => {
  hostile.answer = (_request, response) => {
    response.writeHead(200, { ...aboutObject, 'transfer-encoding': 'chunked' }).end()
  }
  await expect(open().head('k')).rejects.toThrow(/gave no size/)
})

it.each([
  [200, 'list'],
  [403, 'list'],
  [201, 'put'],
] as const)('an answer without an end is left (%d to %s)', async (status, call) => {
  const sent: number[] = []
  hostile.answer = ({ method }, response) => {
    if (method === 'HEAD') {
      response.end()
      return
    }
    const index = sent.push(0) - 1
    response.writeHead(status, { ...aboutObject, 'content-type': 'application/xml' })
    sendEndless(response, (pieces) => (sent[index] = pieces))
  }
  const store = open()
  const calls = { list: () => firstOf(store.list()), put: () => store.put('k', 'content') }
  await expect(calls[call]()).rejects.toMatchObject({
    code: 'IO_ERROR',
    message: expect.stringContaining('more than 16777216 bytes'),
  })
  expect(Math.max(...sent)).toBeLessThan(150)
})

it('an answer that breaks off may be asked for again', async () => {
  hostile.answer = (_request, response) => {
    response.writeHead(200, {
      ...aboutObject,
      'content-type': 'application/xml',
      'content-length': 999,
    })
    response.write('<?xml')
    setTimeout(() => response.destroy(), 20)
  }
  const failed = { code: 'UNAVAILABLE', retryable: true }
  await expect(firstOf(open().list())).rejects.toMatchObject(failed)
})
