import { expect, it } from 'vitest'
import { nearNames } from '../src/near-names.ts'

it.each([
  ['willowdat', ['willowdata', 'zebra'], ['willowdata']],
  ['s3-buckt', ['gcs-bucket', 's3-bucket', 'secret'], ['s3-bucket']],
  ['etl', ['etl-data', 'prod-etl', 'x'], ['etl-data', 'prod-etl']],
  ['ab', ['zzzzzz'], []],
  ['a', ['b', 'c', 'd', 'e', 'f', 'g'], ['b', 'c', 'd', 'e', 'f']],
  ['same', ['same2', 'same2', 'some'], ['same2', 'some']],
])('%s', (wanted, names, near) => {
  expect(nearNames(wanted, names)).toEqual(near)
})
