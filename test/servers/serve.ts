// Starts one of the test servers for a program in another language: prints what it needs as one line of JSON, and serves until its stdin ends.
import { startAzurite } from './azurite.ts'
import { startFakeGcs } from './fake-gcs.ts'
import { startMoto } from './moto.ts'
import { startTokenServer } from './token-server.ts'

const servers: Record<string, () => Promise<{ answer: object; stop: () => Promise<unknown> }>> = {
  async s3() {
    const server = await startMoto()
    return { answer: { url: server.url }, stop: () => server.stop() }
  },
  async gcs() {
    const [gcs, tokens] = await Promise.all([startFakeGcs(), startTokenServer()])
    const answer = { url: gcs.url, key: tokens.key }
    return { answer, stop: () => Promise.all([gcs.stop(), tokens.stop()]) }
  },
  async azure() {
    const server = await startAzurite()
    const { connectionString } = server
    return { answer: { connectionString }, stop: () => server.stop() }
  },
}

const [name = ''] = process.argv.slice(2)
const start = servers[name]
if (start === undefined) throw new Error(`No server "${name}": ${Object.keys(servers).join(', ')}`)
const server = await start()
console.log(JSON.stringify(server.answer))
process.stdin.resume().once('end', () => void server.stop().then(() => process.exit(0)))
