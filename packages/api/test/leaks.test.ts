import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { json, reply, startFaultServer, type Answering } from './fault-server.ts'

const sinks: [string, (error: Error) => string][] = [
  ['message', (error) => error.message],
  ['stack', (error) => error.stack ?? ''],
  ['String', String],
  ['JSON', (error) => JSON.stringify(error)],
  ['own properties', (error) => JSON.stringify(Object.getOwnPropertyDescriptors(error))],
  ['inspect', (error) => inspect(error, { depth: 20, showHidden: true })],
  ['cause', (error) => inspect(error.cause, { depth: 20, showHidden: true })],
]

const body = {
  name: 'c4nary-name',
  data: { value: 'c4nary "quoted"\nvalue', list: ['c4nary-item'] },
  block_schema_id: 'c4nary-id',
  block_type_id: null,
}
const echoOf = (what: string): unknown => ({
  exception_message: `Refused ${what}`,
  exception_detail: [
    { type: 'x', loc: ['body', 'data'], msg: `Bad: ${what}`, input: body, ctx: body },
  ],
  request_body: body,
})

/** Every way in which a server, or what stands before it, may send the request back. */
const faults: [string, Answering][] = [
  ['422 as Prefect sends it', json(422, echoOf('value'))],
  ['422 with the body in its words', json(422, echoOf(JSON.stringify(body)))],
  ['a value in the detail', json(409, { detail: `${body.name} and ${body.data.value} exist` })],
  [
    'FastAPI detail list',
    json(422, { detail: [{ loc: ['body'], msg: body.data.list[0], input: body }] }),
  ],
  ['plain text', reply(500, JSON.stringify(body))],
  ['HTML title', reply(400, `<html><title>${body.name}</title>${JSON.stringify(body)}</html>`)],
  ['HTML with 200', reply(200, `<title>${body.name} c4nary-item</title>`)],
  ['no JSON with 200', reply(200, `{"a": ${JSON.stringify(body)}`)],
  ['redirect', reply(307, '', { location: 'http://u:c4nary-key@x/?c4nary-name' })],
  [
    'everything that came',
    (response, seen) => json(401, { detail: JSON.stringify(seen.at(-1)?.headers) })(response, seen),
  ],
  ['no HTTP', (response, seen) => void response.socket?.end(JSON.stringify(seen.at(-1)))],
  ['broken connection', (response) => void response.destroy()],
  ['stall', () => {}],
]

test.each(faults)(
  '%s: nothing of the request and no credential in any rendering',
  async (_, answer) => {
    await using server = await startFaultServer(answer)
    const apiUrl = server.apiUrl.replace('//', '//me:c4nary-password@')
    const client = createClient({
      apiUrl,
      apiKey: 'c4nary-key',
      authString: 'me:c4nary-auth',
      customHeaders: { 'X-Token': 'c4nary-token' },
      env: {},
      timeoutMs: 300,
    })
    const error: unknown = await client
      .post('/block_documents/', { body: body as never })
      .catch((it: unknown) => it)
    await client.close()
    if (!(error instanceof Error)) throw new Error('It did not fail')
    const base64 = Buffer.from('me:c4nary-password').toString('base64')
    for (const [name, render] of sinks) {
      const shown = /c4nary/i.test(render(error)) || render(error).includes(base64)
      expect({ [name]: shown }).toEqual({ [name]: false })
    }
  },
)
