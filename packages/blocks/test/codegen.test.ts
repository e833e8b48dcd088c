import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient, isSecret, setVariable } from '@prefect-ts/api'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { generateWorkspaceTypes } from '../src/codegen.ts'
import { comment, pascalCase, propertyName, quote } from '../src/codegen/words.ts'
import type { BlockDefinition } from '../src/index.ts'
import { loadBlock, registerBlockType, saveBlock } from '../src/index.ts'
import { mailServer } from './fixtures/custom-types.ts'

const prefix = `g${randomUUID().slice(0, 8)}`
const client = createClient({ apiUrl: inject('prefectApiUrl') })
// Below the package, where imports find what it depends on; one folder a run.
const parent = join(import.meta.dirname, '.generated')
mkdirSync(parent, { recursive: true })
const folder = mkdtempSync(join(parent, 'run-'))
const deployment = `${prefix} flow/it's "daily"`
let text: string

beforeAll(async () => {
  await registerBlockType(mailServer, { client })
  await saveBlock(
    { type: 'secret', name: `${prefix}-b`, data: { value: 'canary-code' } },
    { client },
  )
  await saveBlock(
    { type: 'secret', name: `${prefix}-a`, data: { value: 'canary-code' } },
    { client },
  )
  await saveBlock(
    {
      type: 'mail-server-typescript',
      name: `${prefix}-mail`,
      data: {
        host: 'h',
        password: 'canary-code-mail',
        must_say: null,
        headers: { a: 'canary-code-header' },
        proxy: { host: 'p', password: 'canary-code-proxy' },
      },
    },
    { client },
  )
  await setVariable(client, `${prefix}_text`, 'canary-code-variable')
  await setVariable(client, `${prefix}_list`, [1, 2])
  const flow = await client.post('/flows/', { body: { name: `${prefix} flow` } })
  await client.post('/deployments/', {
    body: {
      name: `it's "daily"`,
      flow_id: flow.id,
      parameters: { given: 1 },
      parameter_openapi_schema: {
        type: 'object',
        title: 'Parameters',
        required: ['day', 'given'],
        properties: {
          day: { type: 'string', format: 'date' },
          given: { type: 'integer' },
          mode: { $ref: '#/definitions/Mode' },
          tags: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
          options: {
            type: 'object',
            properties: { 'a-b': { type: 'boolean' }, deep: { $ref: '#/definitions/Node' } },
          },
          limits: { type: 'object', additionalProperties: { type: 'number' } },
          pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
          anything: {},
        },
        definitions: {
          Mode: { enum: ['fast', "it's", 3], type: 'string' },
          Node: { type: 'object', properties: { next: { $ref: '#/definitions/Node' } } },
        },
      },
    },
  })
  text = await generateWorkspaceTypes({ client })
  writeFileSync(join(folder, 'workspace.ts'), text)
}, 60_000)

afterAll(async () => {
  await client.close()
  rmSync(folder, { recursive: true, force: true })
  if (readdirSync(parent).length === 0) rmSync(parent, { recursive: true })
})

/** What tsc says about the generated module and code that uses it. */
function compile(code: string): string {
  const compilerOptions = { noEmit: true, noUnusedLocals: true }
  const config = { extends: '../../../../../tsconfig.base.json', compilerOptions }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const imports = `
    import { createClient, getVariable, runDeployment } from '@prefect-ts/api'
    import { loadBlock, type BlockReference } from '@prefect-ts/blocks'
    import './workspace.ts'
    const client = createClient()
    void [loadBlock, getVariable, runDeployment, client, {} as BlockReference]
    ${code}
    export {}`
  writeFileSync(join(folder, 'use.ts'), imports)
  const { stdout, stderr } = spawnSync('tsc', ['-p', folder], { encoding: 'utf8' })
  return stdout + stderr
}

function start(parameters: string): string {
  return `await runDeployment(client, ${JSON.stringify(deployment)}, { parameters: ${parameters} })`
}

describe('the generated module', () => {
  it('compiles, and says what is on the server', () => {
    expect(
      compile(`
        const name: 'secret/${prefix}-a' | 'secret/${prefix}-b' | 'mail-server-typescript/${prefix}-mail' =
          {} as Extract<BlockReference, \`\${string}/${prefix}-\${string}\`>
        const block = await loadBlock('mail-server-typescript/${prefix}-mail', { client })
        const password: string = block.data.password.reveal()
        const mode: 'plain' | 'tls' = block.data.mode
        const proxy: string | undefined = block.data.proxy.password?.reveal()
        await runDeployment(client, ${JSON.stringify(deployment)}, {
          parameters: { day: '2013-01-01', mode: "it's", tags: ['a', null], options: { 'a-b': true }, pair: ['a', 1] },
        })
        const text: string | undefined = await getVariable(client, '${prefix}_text')
        const list: unknown[] | undefined = await getVariable(client, '${prefix}_list')
        void [name, password, mode, proxy, text, list]
        await runDeployment(client, 'another/deployment', { parameters: { anything: 1 } })`),
    ).toBe('')
  }, 120_000)

  it('has tsc refuse what does not fit', () => {
    const output = compile(`
      const block = await loadBlock('mail-server-typescript/${prefix}-mail', { client })
      const port: string = block.data.port
      const text: boolean | undefined = await getVariable(client, '${prefix}_text')
      void [port, text]
      ${start('{ day: 1 }')}
      ${start("{ day: 'x', dya: 1 }")}
      ${start('{}')}
      ${start("{ day: 'x', mode: 'slow' }")}`)
    const messages = [
      "Type 'number' is not assignable to type 'string'",
      "to type 'boolean",
      "'dya' does not exist",
      "Property 'day' is missing",
      `Type '"slow"' is not assignable`,
    ]
    expect(messages.filter((message) => !output.includes(message))).toEqual([])
    expect(output.match(/error TS/g)).toHaveLength(6)
  }, 120_000)

  it('checks blocks by its zod schemas', async () => {
    const module = (await import(pathToFileURL(join(folder, 'workspace.ts')).href)) as {
      mailServerTypescript: BlockDefinition<
        'mail-server-typescript',
        { password: unknown; proxy: { password: unknown }; headers: { a: unknown }; port: number }
      >
    }
    const types = [module.mailServerTypescript]
    const reference = `mail-server-typescript/${prefix}-mail` as const
    const { data } = await loadBlock(reference, { client, types })
    expect(data.port).toBe(25)
    const secrets = [data.password, data.proxy.password, data.headers.a]
    expect(secrets.map((secret) => isSecret(secret) && secret.reveal())).toEqual([
      'canary-code-mail',
      'canary-code-proxy',
      'canary-code-header',
    ])
  })

  it('is the same each time, and holds no data', async () => {
    // Other tests save blocks of the same types meanwhile, which then stand in the same unions.
    const mine = (code: string): string[] =>
      code
        .split('\n')
        .filter((line) => line.includes(prefix))
        .flatMap((line) => line.match(new RegExp(`'${prefix}-\\w+'`, 'g')) ?? [line])
    expect(mine(await generateWorkspaceTypes({ client }))).toEqual(mine(text))
    expect(text).toContain(`'${prefix}-a' | '${prefix}-b'`)
    expect(text).not.toContain('canary')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(generateWorkspaceTypes({ client, signal })).rejects.toThrow('enough')
  })
})

it('writes names and texts that cannot end what they stand in', () => {
  const odd = `it's "x" \\ \n\u2028 */ \${y} \u0000`
  // oxlint-disable-next-line no-eval -- what TypeScript would read
  expect((0, eval)(quote(odd))).toBe(odd)
  expect(propertyName('a_b$1')).toBe('a_b$1')
  expect(propertyName('1a')).toBe("'1a'")
  expect(pascalCase('mail-server-2')).toBe('MailServer2')
  expect(pascalCase('2-mail')).toBe('_2Mail')
  expect(comment('ends */ here')).toEqual([String.raw`/** ends *\/ here */`])
  expect(comment('two\n\nlines', '  ')).toEqual([
    '  /**',
    '   * two',
    '   *',
    '   * lines',
    '   */',
  ])
  expect(comment(' ')).toEqual([])
})
