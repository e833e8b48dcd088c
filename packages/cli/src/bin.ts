#!/usr/bin/env node
// Help and version answer from here: nothing of the packages is loaded for them.
import { findCommand } from './commands.ts'
import { commandHelp, groupHelp, help } from './help.ts'
import { readVersion } from './version.ts'

const argv = process.argv.slice(2)
const end = argv.indexOf('--')
const given = end === -1 ? argv : argv.slice(0, end)
const { command, group } = findCommand(given)

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of our pipe has seen enough.
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

if (given.includes('--version') && command === undefined) {
  process.stdout.write(`${readVersion()}\n`)
} else if (given.includes('--help') || given.includes('-h') || given.length === 0) {
  const text = command ? commandHelp(command) : group ? groupHelp(group) : help()
  process.stdout.write(text)
} else {
  const { main } = await import('./main.ts')
  await main(argv)
}
