import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fieldWords } from '../../../packages/blocks/src/field-words.ts'
import { header } from './module.ts'
import { camel, kebab, key, literal, pascal } from './names.ts'
import { blockTypes, modelsOf } from './schemas.ts'
import type { BlockType } from './schemas.ts'
import { modelModule, typeModule } from './type-module.ts'
import { zodModelModule, zodModule } from './zod-module.ts'

const root = join(import.meta.dirname, '../../..')
const source = join(root, 'packages/blocks/src')

/** Folders of which every file is generated, but for those listed. */
const folders = ['types', 'zod']
const written: ReadonlySet<string> = new Set(['zod/helpers.ts'])

/** The generated files of `packages/blocks/src` by their path in it, from the server at `apiUrl`. */
export async function blockModules(
  apiUrl: string,
  slugs?: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const types = await blockTypes(apiUrl, slugs)
  const files = new Map<string, string>()
  for (const type of types) {
    files.set(`types/${type.slug}.ts`, typeModule(type))
    files.set(`zod/${type.slug}.ts`, zodModule(type))
  }
  const models = [...modelsOf(types)]
  for (const [name, model] of models) {
    files.set(`types/models/${kebab(name)}.ts`, modelModule(name, model))
    if (model.kind === 'object') {
      files.set(`zod/models/${kebab(name)}.ts`, zodModelModule(name, model))
    }
  }
  const all = types.map(({ slug }) => slug)
  files.set('types/index.ts', indexModule(all, models.map(([name]) => name).toSorted()))
  files.set('types/known-block-types.ts', knownTypesModule(all))
  files.set('types/import-block-module.ts', importModule(all))
  files.set('types/known-fields.ts', knownFieldsModule(types))
  files.set('zod/index.ts', zodIndexModule(all))
  return format(files)
}

/** The generated files as they stand now. */
export function committedModules(): Map<string, string> {
  const files = folders.flatMap((folder) =>
    readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  const generated = files.filter((name) => !written.has(name)).toSorted()
  return new Map(generated.map((name) => [name, readFileSync(join(source, name), 'utf8')]))
}

/** Writes the files and removes those that are not generated any more. */
export function writeModules(files: ReadonlyMap<string, string>): void {
  for (const name of committedModules().keys()) {
    if (!files.has(name)) rmSync(join(source, name))
  }
  writeFiles(source, files)
}

function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

function format(files: ReadonlyMap<string, string>): Map<string, string> {
  const folder = mkdtempSync(join(root, '.format-'))
  try {
    writeFiles(folder, files)
    execFileSync(join(root, 'node_modules/.bin/oxfmt'), [folder], { cwd: root })
    return new Map(
      [...files.keys()].toSorted().map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function indexModule(slugs: readonly string[], models: readonly string[]): string {
  return [
    header,
    ...slugs.map((slug) => `export type { ${pascal(slug)}Data } from './${slug}.ts'`),
    ...models.map((name) => `export type { ${pascal(name)} } from './models/${kebab(name)}.ts'`),
    '',
  ].join('\n')
}

function zodIndexModule(slugs: readonly string[]): string {
  const lines = slugs.map((slug) => `export { ${camel(slug)}Schema } from './${slug}.ts'`)
  const helpers = "export { nestedBlock, secretDict, secretJson, secretText } from './helpers.ts'"
  return [header, helpers, ...lines, ''].join('\n')
}

function knownTypesModule(slugs: readonly string[]): string {
  return [
    header,
    ...slugs.map((slug) => `import type { ${pascal(slug)}Data } from './${slug}.ts'`),
    '',
    '/** The data of the block types that this package knows, by slug. */',
    'export interface KnownBlockTypes {',
    ...slugs.map((slug) => `${key(slug)}: ${pascal(slug)}Data`),
    '}',
    '',
  ].join('\n')
}

function importModule(slugs: readonly string[]): string {
  return [
    header,
    "import type { AnyBlockModule } from '../block-module.ts'",
    '',
    '/** Loads the module of a type on first use; undefined for a type that this package does not know. */',
    'export async function importBlockModule(slug: string): Promise<AnyBlockModule | undefined> {',
    'switch (slug) {',
    ...slugs.map(
      (slug) => `case ${literal(slug)}: return (await import('./${slug}.ts')).blockModule`,
    ),
    'default: return undefined',
    '}',
    '}',
    '',
  ].join('\n')
}

function knownFieldsModule(types: readonly BlockType[]): string {
  return [
    header,
    "import type { KnownFields } from '../field-words.ts'",
    '',
    '/** By slug: the version of the schema that the type was generated from, and its fields in words. */',
    'export const knownFields: Readonly<Record<string, KnownFields>> = {',
    ...types.map(({ slug, version, newest }) => {
      const words = Object.entries(fieldWords(newest))
      const fields = words.map(([name, text]) => `${key(name)}: ${literal(text)},`)
      return `${key(slug)}: { version: ${literal(version)}, fields: {\n${fields.join('\n')} } },`
    }),
    '}',
    '',
  ].join('\n')
}
