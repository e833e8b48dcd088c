import { expect, inject, test } from 'vitest'
import { knownFields } from '../../../packages/blocks/src/types/known-fields.ts'
import { blockModules, committedModules } from '../blocks/modules.ts'

const slugs = new Set(Object.keys(knownFields))

test('the committed block types are those of the live server', async () => {
  // Limited to the slugs that are there: other tests save types of their own on this server.
  const current = await blockModules(inject('prefectApiUrl'), slugs)
  const committed = committedModules()
  expect([...committed.keys()]).toEqual([...current.keys()])
  for (const [name, text] of current) {
    // One line instead of a diff.
    expect(committed.get(name) === text, `${name} is not current: run just generate`).toBe(true)
  }
})

test('they are all of Prefect’s own, and the legacy ones', async () => {
  const answer = await fetch(`${inject('prefectApiUrl')}/block_types/filter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const types = (await answer.json()) as { slug: string; documentation_url: string | null }[]
  const official = types.filter(({ documentation_url: url }) =>
    /^https:\/\/(?:docs\.prefect\.io|prefecthq\.github\.io)\//.test(url ?? ''),
  )
  expect(official.length).toBeGreaterThan(45)
  expect(official.map(({ slug }) => slug).filter((slug) => !slugs.has(slug))).toEqual([])
  expect(slugs.size).toBe(61)
  for (const slug of ['string', 'json', 'date-time']) expect(slugs).toContain(slug)
})
