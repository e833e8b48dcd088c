import { createRequire } from 'node:module'
import type * as Dotenv from 'dotenv'
import type * as SmolToml from 'smol-toml'

// Both parsers are loaded only when there is a file to read: together they cost a third of this
// package's import. Bundlers follow the bare `require`; Node has none in a module, hence the second way.

/** dotenv, loaded on first use. */
export function loadDotenv(): typeof Dotenv {
  try {
    return require('dotenv') as typeof Dotenv
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return createRequire(import.meta.url)('dotenv') as typeof Dotenv
  }
}

/** smol-toml, loaded on first use. */
export function loadToml(): typeof SmolToml {
  try {
    return require('smol-toml') as typeof SmolToml
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return createRequire(import.meta.url)('smol-toml') as typeof SmolToml
  }
}
