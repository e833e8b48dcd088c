import type { FieldType, SchemaField } from '../../../packages/blocks/src/schema-fields.ts'
import { Module } from './module.ts'
import { camel, comment, kebab, key, literal, pascal } from './names.ts'
import { blockWhenMissing, kindsOf } from './schemas.ts'
import type { BlockType, Model } from './schemas.ts'

/** The module of a block type: its interface and its readers. */
export function typeModule({ slug, description, fields }: BlockType): string {
  const module = new Module()
  const writer = new Writer(module, '..')
  const data = `${pascal(slug)}Data`
  const entries = Object.entries(fields)
  const nested = entries.filter(([, { type }]) => type.kind === 'block')
  const plain = entries.filter(([, { type }]) => type.kind !== 'block')
  const names = nested.map(([name]) => literal(name)).join(' | ')
  const parameters = nested.length === 0 ? data : `${data}, ${names}`
  return module.text([
    ...comment(description ?? `Fields of \`${slug}\`.`),
    ...(entries.length === 0
      ? [`export type ${data} = Record<string, unknown>`]
      : [`export interface ${data} {`, ...writer.members(fields), '}']),
    '',
    `export const blockModule: ${module.useType('../block-module.ts', 'BlockModule')}<${parameters}> = {`,
    ...(nested.length === 0 ? [] : ['nested: {', ...nested.map(nestedField), '},']),
    'readers: {',
    ...plain.map(([name, field]) => `${key(name)}: ${writer.reader(field)},`),
    '}',
    '}',
  ])
}

/** The module of what several block types share: an object with its reader, or a few literals. */
export function modelModule(name: string, model: Model): string {
  const module = new Module()
  const type = pascal(name)
  if (model.kind === 'literal') {
    return module.text([
      ...comment(`The values of \`${name}\`.`),
      `export type ${type} = ${model.values.map(literal).join(' | ')}`,
    ])
  }
  const writer = new Writer(module, '../..')
  return module.text([
    ...comment(model.description ?? `Fields of \`${name}\`.`),
    `export interface ${type} {`,
    ...writer.members(model.fields),
    '}',
    '',
    `export const ${camel(name)}: ${module.useType('../../fields.ts', 'Reader')}<${type}> = ` +
      `${module.use('../../fields.ts', 'object')}<${type}>({`,
    ...Object.entries(model.fields).map(([field, it]) => `${key(field)}: ${writer.reader(it)},`),
    '})',
  ])
}

function nestedField([name, field]: [string, SchemaField]): string {
  const slugs = field.type.kind === 'block' ? field.type.slugs : []
  const missing = (): string => (field.nullable ? 'null' : literal(blockWhenMissing(slugs)))
  const rest = field.required ? '' : `, whenMissing: ${missing()}`
  return `${key(name)}: { types: [${slugs.map(literal).join(', ')}]${rest} },`
}

const plainReaders: Readonly<Record<string, [path: string, name: string]>> = {
  text: ['fields.ts', 'text'],
  boolean: ['fields.ts', 'flag'],
  number: ['fields.ts', 'number'],
  integer: ['fields.ts', 'integer'],
  any: ['fields.ts', 'anyJson'],
  fields: ['fields.ts', 'anyFields'],
  secret: ['secret-readers.ts', 'secretText'],
  'secret-json': ['secret-readers.ts', 'secretJson'],
  'secret-dict': ['secret-readers.ts', 'secretDict'],
  settings: ['secret-readers.ts', 'secretSettings'],
  url: ['secret-readers.ts', 'urlText'],
}

/** Writes types and readers into a module; `up` leads from it to `src`. */
class Writer {
  readonly #module: Module
  readonly #up: string

  constructor(module: Module, up: string) {
    this.#module = module
    this.#up = up
  }

  members(fields: BlockType['fields']): string[] {
    return Object.entries(fields).flatMap(([name, { description, nullable, type, ...field }]) => {
      const fallback = field.default
      const obvious = fallback === undefined || typeof fallback === 'object'
      const shown = obvious ? [] : [`@default ${literal(fallback)}`]
      return [
        ...comment(description ?? '', ...shown),
        `${key(name)}: ${this.type(type)}${nullable ? ' | null' : ''}`,
      ]
    })
  }

  type(type: FieldType): string {
    switch (type.kind) {
      case 'text':
        return 'string'
      case 'integer':
        return 'number'
      case 'any':
        return 'unknown'
      case 'fields':
        return 'Record<string, unknown>'
      case 'secret':
      case 'secret-json':
        return this.#module.useType('@prefect-ts/api', 'Secret')
      case 'secret-dict':
        return this.#module.useType(`${this.#up}/secret-readers.ts`, 'SecretDict')
      case 'settings':
        return this.#module.useType(`${this.#up}/secret-readers.ts`, 'SecretSettings')
      case 'url':
        return `string | ${this.#module.useType('@prefect-ts/api', 'Secret')}`
      case 'literal':
        if (type.name !== undefined) return this.#model(type.name)
        return type.values.map(literal).join(' | ')
      case 'list': {
        const item = this.type(type.item)
        return item.includes('|') ? `(${item})[]` : `${item}[]`
      }
      case 'record':
        return `Record<string, ${this.type(type.item)}>`
      case 'object':
        return this.#model(type.name)
      case 'block':
        this.#module.useType(`${this.#up}/block.ts`, 'Block')
        return type.slugs.map((slug) => `Block<${literal(slug)}>`).join(' | ')
      case 'union':
        return type.members.map((member) => this.#member(member, type.members)).join(' | ')
      default:
        return type.kind
    }
  }

  /** `string` beside literals would hide them from editors. */
  #member(member: FieldType, members: readonly FieldType[]): string {
    const literals = members.some(
      (each) => each.kind === 'literal' && each.values.every((value) => typeof value === 'string'),
    )
    return member.kind === 'text' && literals
      ? '(string & Record<never, never>)'
      : this.type(member)
  }

  reader({ type, nullable, ...field }: SchemaField): string {
    const reader = this.#reader(type)
    const fallback = field.default
    const none = fallback === undefined || fallback === null
    if (none && !nullable) return reader
    const wrapper = this.#module.use(`${this.#up}/fields.ts`, nullable ? 'nullable' : 'withDefault')
    return `${wrapper}(${reader}${none ? '' : `, ${literal(fallback)}`})`
  }

  #reader(type: FieldType): string {
    switch (type.kind) {
      case 'literal': {
        const values = type.values.map(literal).join(', ')
        return `${this.#module.use(`${this.#up}/fields.ts`, 'oneOf')}(${values})`
      }
      case 'list':
      case 'record':
        return `${this.#module.use(`${this.#up}/fields.ts`, type.kind)}(${this.#reader(type.item)})`
      case 'object':
        return this.#module.use(this.#modelPath(type.name), camel(type.name))
      case 'union':
        return this.#union(type.members)
      default: {
        const reader = plainReaders[type.kind]
        if (reader === undefined) throw new Error(`A ${type.kind} may only be a whole field`)
        return this.#module.use(`${this.#up}/${reader[0]}`, reader[1])
      }
    }
  }

  /** A reader for each kind of value. Any text takes in the literals. */
  #union(members: readonly FieldType[]): string {
    const byKind: Record<string, FieldType> = {}
    for (const member of members) {
      for (const kind of kindsOf(member)) {
        if (byKind[kind] === undefined || byKind[kind].kind === 'literal') byKind[kind] = member
      }
    }
    const entries = Object.entries(byKind).map(([kind, type]) => [kind, this.#reader(type)])
    if (entries.length === 1) return entries[0]?.[1] ?? ''
    const readers = entries.map((entry) => entry.join(': ')).join(', ')
    return `${this.#module.use(`${this.#up}/fields.ts`, 'byKind')}({ ${readers} })`
  }

  #model(name: string): string {
    return this.#module.useType(this.#modelPath(name), pascal(name))
  }

  #modelPath(name: string): string {
    return `${this.#up === '..' ? './models' : '.'}/${kebab(name)}.ts`
  }
}
