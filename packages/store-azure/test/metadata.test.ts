import { expect, it } from 'vitest'
import { fromAzureMetadata, toAzureMetadata } from '../src/metadata.ts'

const names = [
  'prefect-ts-rundate',
  'n',
  '5',
  '-5',
  'x--5',
  'x--x--5',
  'x-5',
  '0-a',
  '-',
  '--',
  'class',
]
const values = ['2013-01-01', '', '"', '""', '"quoted"', '"half', 'half"']

it('names become identifiers, and names and values come back as they were', () => {
  const all = names.flatMap((name) => values.map((value) => ({ [name]: value })))
  for (const metadata of all) {
    const [identifier = '', value = ''] = Object.entries(toAzureMetadata(metadata))[0] ?? []
    expect(identifier).toMatch(/^[a-z_][a-z0-9_]*$/)
    expect(value).not.toBe('')
    expect(fromAzureMetadata({ [identifier]: value })).toEqual(metadata)
  }
  const together = Object.fromEntries(names.map((name, index) => [name, String(index)]))
  expect(fromAzureMetadata(toAzureMetadata(together))).toEqual(together)
})
