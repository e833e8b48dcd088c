import { ApiError } from './errors.ts'

type Parameters = Readonly<Record<string, unknown>>

/** The template with its parameters put in, each percent-encoded whole. */
export function fillPath(template: string, parameters: Parameters = {}): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name]
    const isText = typeof value === 'string' || typeof value === 'number'
    const text = isText ? String(value) : ''
    // "." and ".." would be removed on the way, and another path called.
    if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) {
      throw new ApiError(
        `Cannot call ${template}: the path parameter "${name}" must be a text that is not empty, "." or ".."`,
        { code: 'INVALID_REQUEST', path: template },
      )
    }
    return encodeURIComponent(text)
  })
}

/** The query with its `?`; lists give a field several times, `undefined` and `null` are left out. */
export function formatQuery(query: Parameters = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) search.append(name, String(item))
    }
  }
  return search.size === 0 ? '' : `?${search.toString()}`
}
