import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A setting of a profile in AWS's shared files, as botocore merges them; undefined when the profile is nowhere. */
export function readProfile(name: string): Readonly<Record<string, string>> | undefined {
  const files = [
    [process.env['AWS_CONFIG_FILE'], 'config', 'profile '],
    [process.env['AWS_SHARED_CREDENTIALS_FILE'], 'credentials', ''],
  ] as const
  let found: Record<string, string> | undefined
  for (const [given, file, prefix] of files) {
    const path = given === undefined || given === '' ? join(homedir(), '.aws', file) : given
    const section = name === 'default' ? name : `${prefix}${name}`
    const values = readSection(path, [section, `${prefix}${name}`])
    if (values !== undefined) found = { ...found, ...values }
  }
  return found
}

function readSection(path: string, names: readonly string[]): Record<string, string> | undefined {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  let values: Record<string, string> | undefined
  let isInside = false
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(.+?)\s*\]/.exec(line)?.[1]
    if (header !== undefined) {
      isInside = names.includes(header.replaceAll(/^profile\s+["']?(.+?)["']?$/g, 'profile $1'))
      if (isInside) values ??= {}
      continue
    }
    const [, name, value] = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (isInside && values !== undefined && name !== undefined) values[name] = value ?? ''
  }
  return values
}
