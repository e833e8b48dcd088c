import type * as SmolToml from 'smol-toml'

/** smol-toml, loaded on first use: only when there is a file to read. */
export function loadToml(): typeof SmolToml {
  try {
    // Bundlers follow the bare `require`; Node has none in a module, hence the second way.
    return require('smol-toml') as typeof SmolToml
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    const { createRequire } = process.getBuiltinModule('node:module')
    return createRequire(import.meta.url)('smol-toml') as typeof SmolToml
  }
}
