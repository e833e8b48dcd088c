export const header =
  '// Written by `just generate` from the block schemas of a Prefect server. Do not edit.\n'

/** The text of one module, which collects the imports of the names that it uses. */
export class Module {
  readonly #imports = new Map<string, Set<string>>()

  /** Uses a value; gives its name. */
  use(path: string, name: string): string {
    return this.#add(`} from '${path}'`, name, 'import {')
  }

  /** Uses a type; gives its name. */
  useType(path: string, name: string): string {
    return this.#add(`} from '${path}'`, name, 'import type {')
  }

  #add(from: string, name: string, keyword: string): string {
    const statement = `${keyword}*${from}`
    this.#imports.set(statement, (this.#imports.get(statement) ?? new Set()).add(name))
    return name
  }

  /** The module around `body`. */
  text(body: readonly string[], ...first: readonly string[]): string {
    const imports = [...this.#imports].map(([statement, names]) =>
      statement.replace('*', ` ${[...names].toSorted().join(', ')} `),
    )
    return [header, ...first, ...imports.toSorted(byPath), '', ...body, ''].join('\n')
  }
}

/** Packages first. */
function byPath(a: string, b: string): number {
  const [left, right] = [sortKey(a), sortKey(b)]
  return left === right ? (a > b ? -1 : 1) : left < right ? -1 : 1
}

function sortKey(statement: string): string {
  const path = statement.split("'")[1] ?? ''
  return path.startsWith('.') ? path : ` ${path}`
}
