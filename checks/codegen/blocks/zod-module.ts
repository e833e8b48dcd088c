import type { FieldType, SchemaField } from '../../../packages/blocks/src/schema-fields.ts'
import { Module } from './module.ts'
import { camel, comment, kebab, key, literal, pascal } from './names.ts'
import { blockWhenMissing } from './schemas.ts'
import type { BlockType, Model } from './schemas.ts'

const importZod = "import * as z from 'zod'"

/** The module of a block type's zod schema. */
export function zodModule({ slug, fields }: BlockType): string {
  const module = new Module()
  const data = module.useType(`../types/${slug}.ts`, `${pascal(slug)}Data`)
  const writer = new Writer(module, '.')
  const schema = `export const ${camel(slug)}Schema: z.ZodType<${data}> = z.looseObject({`
  const members = writer.members(fields)
  return module.text(
    [...comment(`The data of a \`${slug}\` block.`), schema, ...members, '})'],
    importZod,
  )
}

/** The zod schema of an object that several block types share. */
export function zodModelModule(name: string, model: Extract<Model, { kind: 'object' }>): string {
  const module = new Module()
  const type = module.useType(`../../types/models/${kebab(name)}.ts`, pascal(name))
  const schema = `export const ${camel(name)}Schema: z.ZodType<${type}> = z.looseObject({`
  const members = new Writer(module, '..').members(model.fields)
  return module.text([schema, ...members, '})'], importZod)
}

const plainSchemas: Readonly<Record<string, string>> = {
  text: 'z.string()',
  boolean: 'z.boolean()',
  number: 'z.number()',
  integer: 'z.int()',
  any: 'z.json()',
  fields: 'z.record(z.string(), z.unknown())',
}

const helpers: Readonly<Record<string, string>> = {
  secret: 'secretText',
  'secret-json': 'secretJson',
  'secret-dict': 'secretDict',
  settings: 'secretSettings',
  url: 'urlText',
}

/** Writes schemas into a module; `up` leads from it to `src/zod`. */
class Writer {
  readonly #module: Module
  readonly #up: string

  constructor(module: Module, up: string) {
    this.#module = module
    this.#up = up
  }

  members(fields: BlockType['fields']): string[] {
    return Object.entries(fields).map(([name, field]) => `${key(name)}: ${this.#field(field)},`)
  }

  #field({ type, nullable, required, ...field }: SchemaField): string {
    const schema = `${this.#schema(type)}${nullable ? '.nullable()' : ''}`
    const fallback = field.default
    if (type.kind === 'block' && !nullable && !required) {
      const slug = literal(blockWhenMissing(type.slugs))
      return `${schema}.prefault({ type: ${slug}, data: {} })`
    }
    if (fallback === undefined) return nullable ? `${schema}.default(null)` : schema
    return `${schema}.${fallback === null ? 'default' : 'prefault'}(${literal(fallback)})`
  }

  #schema(type: FieldType): string {
    switch (type.kind) {
      case 'literal':
        return `z.literal([${type.values.map(literal).join(', ')}])`
      case 'list':
        return `z.array(${this.#schema(type.item)})`
      case 'record':
        return `z.record(z.string(), ${this.#schema(type.item)})`
      case 'object':
        return this.#module.use(
          `${this.#up === '.' ? './models' : '.'}/${kebab(type.name)}.ts`,
          `${camel(type.name)}Schema`,
        )
      case 'block':
        return this.#block(type.slugs)
      case 'union':
        return this.#union(type.members)
      default: {
        const helper = helpers[type.kind]
        if (helper === undefined) return plainSchemas[type.kind] ?? ''
        return this.#module.use(`${this.#up}/helpers.ts`, helper)
      }
    }
  }

  #block(slugs: readonly string[]): string {
    const schemas = slugs.map((slug) => {
      const schema = this.#module.use(`./${slug}.ts`, `${camel(slug)}Schema`)
      return `${literal(slug)}: ${schema}`
    })
    return `${this.#module.use(`${this.#up}/helpers.ts`, 'nestedBlock')}({ ${schemas.join(', ')} })`
  }

  /** Any text takes in the literals. */
  #union(members: readonly FieldType[]): string {
    const text = members.some(({ kind }) => kind === 'text')
    const rest = members.filter(
      (each) =>
        !(
          text &&
          each.kind === 'literal' &&
          each.values.every((value) => typeof value === 'string')
        ),
    )
    const schemas = rest.map((member) => this.#schema(member))
    return schemas.length === 1 ? (schemas[0] ?? '') : `z.union([${schemas.join(', ')}])`
  }
}
