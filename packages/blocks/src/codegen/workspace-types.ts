import type { Client } from '@prefect-ts/api'
import { listBlocks } from '../manage.ts'
import { newestSchema } from '../server-types.ts'
import { importBlockModule } from '../types/import-block-module.ts'
import type { CustomType } from './custom-type.ts'
import { customTypeCode } from './custom-type.ts'
import { jsonSchemaType } from './json-schema-type.ts'
import { isFields } from '../document.ts'
import { pascalCase, propertyName, quote } from './words.ts'

export interface GenerateWorkspaceTypesOptions {
  /** The server to ask. */
  readonly client: Client
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes a TypeScript module about what is on the server: the names of its blocks, so that editors
 * offer them to `loadBlock`; types and zod schemas of its custom block types; the parameters of its
 * deployments, for `runDeployment`; and its variables, for `getVariable`. Resolves to its text, which
 * is the same for the same server content. Holds names and types only, never data of a block.
 *
 * Without custom block types the module imports nothing at run time; with them it imports zod.
 */
export async function generateWorkspaceTypes(
  options: GenerateWorkspaceTypesOptions,
): Promise<string> {
  const names = await readBlockNames(options)
  const types = await readCustomTypes(options)
  const deployments = await readDeployments(options)
  const variables = await readVariables(options)
  const sections = [
    '// What is on a Prefect server, for TypeScript. Generated: do not edit, generate it again.',
    types.length === 0 ? "import '@prefect-ts/blocks'\nimport '@prefect-ts/api'" : helpers(types),
    declaration('@prefect-ts/blocks', [
      ['BlockNames', names],
      ['BlockTypes', types.map(({ slug }) => [slug, `${pascalCase(slug)}Data`])],
    ]),
    declaration('@prefect-ts/api', [
      ['DeploymentParameters', deployments],
      ['VariableValues', variables],
    ]),
    ...types.map(customTypeCode),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

type Members = readonly (readonly [name: string, type: string])[]

async function readBlockNames(options: GenerateWorkspaceTypesOptions): Promise<Members> {
  const byType = new Map<string, string[]>()
  for await (const { type, name } of listBlocks(options)) {
    byType.set(type, [...(byType.get(type) ?? []), quote(name)])
  }
  return [...byType].map(([type, names]) => [type, names.toSorted().join(' | ')])
}

/** The block types that this package does not know, those without a schema aside. */
async function readCustomTypes(options: GenerateWorkspaceTypesOptions): Promise<CustomType[]> {
  const { client, signal } = options
  const found: CustomType[] = []
  for await (const { id, slug } of client.paginate('/block_types/filter', { signal })) {
    if ((await importBlockModule(slug)) !== undefined) continue
    const schema = await newestSchema(id, options)
    if (isFields(schema?.fields)) found.push({ slug, fields: schema.fields })
  }
  return found.toSorted((a, b) => compare(a.slug, b.slug))
}

async function readDeployments(options: GenerateWorkspaceTypesOptions): Promise<Members> {
  const { client, signal } = options
  const flows = new Map<string, string>()
  for await (const { id, name } of client.paginate('/flows/filter', { signal })) flows.set(id, name)
  const found: [string, string][] = []
  for await (const deployment of client.paginate('/deployments/filter', { signal })) {
    const schema = deployment.parameter_openapi_schema ?? {}
    // What the deployment sets itself need not be given to a run.
    const given = Object.keys(deployment.parameters ?? {})
    const required = Array.isArray(schema['required']) ? schema['required'] : []
    const loosened = { ...schema, required: required.filter((name) => !given.includes(name)) }
    const definitions = schema['definitions'] ?? schema['$defs']
    const flow = flows.get(deployment.flow_id)
    if (flow === undefined) continue
    found.push([
      `${flow}/${deployment.name}`,
      jsonSchemaType(loosened, isFields(definitions) ? definitions : {}, '    '),
    ])
  }
  return found
}

async function readVariables(options: GenerateWorkspaceTypesOptions): Promise<Members> {
  const { client, signal } = options
  const found: [string, string][] = []
  for await (const { name, value } of client.paginate('/variables/filter', { signal })) {
    found.push([name, kindOf(value)])
  }
  return found
}

/** The kind of a variable's value: another value of that kind may be set at any time. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'unknown[]'
  if (typeof value === 'object') return value === null ? 'null' : 'Record<string, unknown>'
  return typeof value
}

function declaration(module: string, interfaces: readonly (readonly [string, Members])[]): string {
  const written = interfaces.flatMap(([name, members]) => {
    if (members.length === 0) return []
    const lines = members
      .toSorted(([a], [b]) => compare(a, b))
      .map(([key, type]) => `    ${propertyName(key)}: ${type}`)
    return [[`  interface ${name} {`, ...lines, '  }'].join('\n')]
  })
  return written.length === 0 ? '' : `declare module ${quote(module)} {\n${written.join('\n')}\n}`
}

/** By code units: the same order in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function from(names: readonly string[], module: string): string {
  return names.length === 0
    ? `import '${module}'`
    : `import { ${names.join(', ')} } from '${module}'`
}

/** The imports, and those helpers that the schemas of the custom types use. */
function helpers(types: readonly CustomType[]): string {
  const code = types
    .map(customTypeCode)
    .join('\n')
    .split('\n')
    .filter((line) => !/^ *(?:\/\*\*| \*)/.test(line))
    .join('\n')
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code)
  const fromApi = [
    ...(uses('secret') ? ['createSecret', 'isSecret'] : []),
    ...(/\bSecret\b/.test(code) || uses('secret') ? ['type Secret'] : []),
  ]
  const fromBlocks = [
    'defineBlock',
    'type BlockDefinition',
    ...(uses('BlockOfType') ? ['type BlockOfType'] : []),
    ...(uses('SecretDict') ? ['type SecretDict'] : []),
  ]
  return [
    from(fromApi, '@prefect-ts/api'),
    from(fromBlocks, '@prefect-ts/blocks'),
    "import * as z from 'zod'",
    ...(uses('secret')
      ? [
          '',
          'const secret: z.ZodType<Secret> = z.custom<Secret>(isSecret).or(z.string().transform(createSecret))',
        ]
      : []),
    ...(uses('secretDict')
      ? ['', 'const secretDict: z.ZodType<SecretDict> = z.custom<SecretDict>(isObject)']
      : []),
    ...(uses('nested')
      ? [
          '',
          'const nested = <Slug extends string>(...slugs: Slug[]): z.ZodType<BlockOfType<Slug>> =>',
          '  z.custom<BlockOfType<Slug>>((block) => isObject(block) && slugs.some((slug) => slug === block["type"]))',
        ]
      : []),
    ...(uses('nested') || uses('secretDict')
      ? [
          '',
          'function isObject(value: unknown): value is Record<string, unknown> {',
          "  return typeof value === 'object' && value !== null",
          '}',
        ]
      : []),
  ].join('\n')
}
