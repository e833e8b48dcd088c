import { expect, it } from 'vitest'
import { checkNodeVersion } from '../src/node-version.ts'

it.each(['20.20.2', '22.18.0', '18.0.0'])('refuses Node %s and says what to do', (version) => {
  expect(() => checkNodeVersion(version)).toThrow(
    new RegExp(`needs Node 22.19 or later; this is Node ${version.replaceAll('.', '\\.')} .*node=`),
  )
})

it.each(['22.19.0', '22.20.1', '24.0.0', '26.1.0'])('accepts Node %s', (version) => {
  expect(() => checkNodeVersion(version)).not.toThrow()
})
