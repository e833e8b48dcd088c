import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'

interface Operation {
  parameters?: { in: string; name: string }[]
  responses?: Record<string, unknown>
}

type Document = OpenAPI3 & { paths: Record<string, Record<string, Operation>> }

const header = `/**
 * Prefect's REST API as types, written by \`node checks/codegen/openapi.ts <apiUrl>\`
 * from a running server's OpenAPI document. Do not edit: run the command again.
 */

`

/** What openapi-typescript writes for everything that is not there; each pattern is one such text. */
const emptyText = [
  /^ +(?:get|put|post|delete|options|head|patch|trace|query|header|path|cookie|requestBody|content|parameters)\?: never;\n/gm,
  /^ +parameters: \{\n +\};?\n/gm,
  /^ +headers: \{\n +\[name: string\]: unknown;\n +\};\n/gm,
  /^export type (?:webhooks|\$defs) = .*\n/gm,
  /^ +(?:responses|parameters|requestBodies|headers|pathItems): never;\n/gm,
]

/**
 * The TypeScript text of the API that the server at `apiUrl` describes.
 * Left out, because no caller of the client writes or reads them: the version header of every
 * operation (the transport sends it), the 422 answers (they become an ApiError), and titles and
 * examples, which only repeat the field's name.
 */
export async function generate(apiUrl: string): Promise<string> {
  const url = `${apiUrl.replace(/\/+$/, '')}/openapi.json`
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  if (!answer.ok) throw new Error(`${url} answered with status ${answer.status}`)
  const document = JSON.parse(await answer.text(), withoutNoise) as Document
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      operation.parameters = (operation.parameters ?? []).filter((it) => it.in !== 'header')
      delete operation.responses?.['422']
    }
  }
  const nodes = await openapiTS(document, { alphabetize: true, defaultNonNullable: false })
  return header + emptyText.reduce((text, empty) => text.replaceAll(empty, ''), astToString(nodes))
}

/** Drops `title: "…"` and `example(s)`; a property that is itself called title is an object, and stays. */
function withoutNoise(key: string, value: unknown): unknown {
  if (key === 'title' && typeof value === 'string') return undefined
  if (key === 'example' || key === 'examples') return undefined
  return value
}
