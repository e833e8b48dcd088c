import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { trueTime } from '../true-time.ts'
import type { TestServer } from './process.ts'

export interface EntraServer extends TestServer {
  /** How many access tokens were given. */
  given: number
  /** How long tokens are good for, in seconds. */
  lifetime: number
}

/** What Microsoft Entra gives. Azurite looks at the times, the issuer and the audience, at the signature it does not. */
function accessToken(lifetime: number): string {
  const now = Math.floor(trueTime() / 1_000)
  const claims = {
    aud: 'https://storage.azure.com',
    iss: 'https://sts.windows.net/test/',
    iat: now,
    nbf: now,
    exp: now + lifetime,
  }
  return [{ alg: 'none', typ: 'JWT' }, claims, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
}

/** The token endpoint of a tenant `adfs`, the one name for which the SDK asks no server of Microsoft where it is. */
export async function startEntra(pem: string): Promise<EntraServer> {
  const server = createServer({ key: pem, cert: pem }, (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') {
      const endpoints = {
        issuer: `${running.url}/adfs`,
        authorization_endpoint: `${running.url}/adfs/oauth2/authorize`,
        token_endpoint: `${running.url}/adfs/oauth2/token`,
        jwks_uri: `${running.url}/adfs/discovery/keys`,
      }
      response.end(JSON.stringify(endpoints))
      return
    }
    request.resume().once('end', () => {
      running.given++
      const access_token = accessToken(running.lifetime)
      const answer = { token_type: 'Bearer', expires_in: running.lifetime, access_token }
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const running: EntraServer = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    given: 0,
    lifetime: 3_600,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return running
}
