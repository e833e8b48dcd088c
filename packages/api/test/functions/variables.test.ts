import { expect, test } from 'vitest'
import { deleteVariable, getVariable, setVariable } from '../../src/index.ts'
import { client, failureOf, unique } from './support.ts'

const tagsOf = async (name: string): Promise<string[] | undefined> =>
  (await client.get('/variables/name/{name}', { path: { name } })).tags

test('set, get, set again, delete, delete again', async () => {
  const name = unique().replaceAll('-', '_')
  expect(await getVariable(client, name)).toBeUndefined()
  await setVariable(client, name, { a: [1, 'ü', null] }, { tags: ['x'] })
  expect(await getVariable(client, name)).toEqual({ a: [1, 'ü', null] })
  await setVariable(client, name, null)
  expect(await getVariable(client, name)).toBeNull()
  expect(await tagsOf(name)).toEqual(['x'])
  await setVariable(client, name, false, { tags: [] })
  expect(await getVariable(client, name)).toBe(false)
  expect(await tagsOf(name)).toEqual([])
  await deleteVariable(client, name)
  await deleteVariable(client, name)
  expect(await getVariable(client, name)).toBeUndefined()
})

test('many set the same new variable at once: all succeed, one value stands', async () => {
  const name = unique().replaceAll('-', '_')
  const values = [1, 2, 3, 4, 5]
  await Promise.all(values.map((value) => setVariable(client, name, value)))
  expect(values).toContain(await getVariable(client, name))
  await deleteVariable(client, name)
})

test('a bad name and a value that is too long say what is wrong', async () => {
  const badName = await failureOf(setVariable(client, 'Über Name', 1))
  expect(badName).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
  expect(badName.message).toMatch(/lowercase letters, numbers, and/)
  const name = unique().replaceAll('-', '_')
  const long = await failureOf(setVariable(client, name, 'x'.repeat(5000)))
  expect(long).toMatchObject({ code: 'INVALID_REQUEST', status: 422 })
  expect(long.message).toContain('less than 5000 characters')
  await setVariable(client, name, 'x'.repeat(4990))
  await deleteVariable(client, name)
})
