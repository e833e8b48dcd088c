import { generateKeyPairSync, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestServer } from './process.ts'
import { trueTime } from '../true-time.ts'

export interface TokenServer extends TestServer {
  /** Key file of a service account whose `token_uri` this server is. */
  key: Record<string, string>
  /** Access tokens that were given, oldest first. */
  tokens: string[]
  /** How long tokens are good for, in seconds. */
  lifetime: number
}

/** As Google wants it: of now or a little before, and for an hour at most. */
function isOfNow(claims: string): boolean {
  const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<
    string,
    number
  >
  const now = trueTime() / 1_000
  return (
    Number(iat) < now + 300 &&
    Number(exp) > now &&
    Number(exp) <= Number(iat) + 3_600 &&
    Number(iat) > now - 600
  )
}

/** Google's token endpoint: gives a token for a signed assertion of now, and refuses any other. */
export async function startTokenServer(): Promise<TokenServer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const tokens: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.once('end', () => {
      const form = new URLSearchParams(body)
      const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
      const isSigned = verify(
        'RSA-SHA256',
        Buffer.from(`${header}.${claims}`),
        publicKey,
        Buffer.from(signature, 'base64url'),
      )
      response.setHeader('content-type', 'application/json')
      response.setHeader('date', new Date(trueTime()).toUTCString())
      if (!isSigned || !isOfNow(claims)) {
        response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant' }))
        return
      }
      const token = `token-${tokens.length + 1}`
      tokens.push(token)
      const answer = { access_token: token, expires_in: running.lifetime, token_type: 'Bearer' }
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const running: TokenServer = {
    url,
    tokens,
    lifetime: 3_600,
    key: {
      type: 'service_account',
      project_id: 'test',
      private_key_id: 'k1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      client_email: 'etl@test.iam.gserviceaccount.com',
      token_uri: `${url}/token`,
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return running
}
