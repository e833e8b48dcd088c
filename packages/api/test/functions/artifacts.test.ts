import { expect, test } from 'vitest'
import {
  createArtifact,
  createSecret,
  getLatestArtifact,
  updateArtifact,
  type ArtifactContent,
} from '../../src/index.ts'
import { client, failureOf, unique } from './support.ts'

test('each type is stored as Prefect’s pages want it', async () => {
  const stored: [ArtifactContent, type: string, data: unknown][] = [
    [{ type: 'markdown', data: '# Hi' }, 'markdown', '# Hi'],
    [{ type: 'table', data: [{ a: NaN, b: 7n }] }, 'table', '[{"a":null,"b":"7"}]'],
    [
      { type: 'link', data: { url: 'https://x.y', text: 'there' } },
      'markdown',
      '[there](https://x.y)',
    ],
    [{ type: 'link', data: { url: 'https://x.y' } }, 'markdown', '[https://x.y](https://x.y)'],
    [{ type: 'image', data: 'https://x.y/z.png' }, 'image', 'https://x.y/z.png'],
    [{ type: 'progress', data: 12.5 }, 'progress', 12.5],
  ]
  for (const [content, type, data] of stored) {
    const id = await createArtifact(client, { ...content, description: 'about' })
    const artifact = await client.get('/artifacts/{id}', { path: { id } })
    expect(artifact).toMatchObject({ type, data, description: 'about' })
  }
})

test('a key has a latest, which can be updated', async () => {
  const key = unique()
  expect(await getLatestArtifact(client, key)).toBeUndefined()
  await createArtifact(client, { type: 'progress', data: 1, key })
  const id = await createArtifact(client, { type: 'progress', data: 2, key, description: 'kept' })
  expect(await getLatestArtifact(client, key)).toMatchObject({ latest_id: id, data: 2 })
  await updateArtifact(client, id, { type: 'progress', data: 99 })
  expect(await getLatestArtifact(client, key)).toMatchObject({ data: 99, description: 'kept' })
  const bad = await failureOf(createArtifact(client, { type: 'progress', data: 1, key: 'Bad Key' }))
  expect(bad).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
  expect(bad.message).toContain('lowercase letters, numbers, and dashes')
  const gone = await failureOf(
    updateArtifact(client, crypto.randomUUID(), { type: 'progress', data: 1 }),
  )
  expect(gone.code).toBe('NOT_FOUND')
})

test('known secrets are masked', async () => {
  const secret = createSecret('hunter2-artifact')
  const id = await createArtifact(client, {
    type: 'table',
    data: [{ password: secret.reveal() }],
    description: `it is ${secret.reveal()}`,
  })
  const artifact = await client.get('/artifacts/{id}', { path: { id } })
  expect(JSON.stringify(artifact)).not.toContain('hunter2')
})
