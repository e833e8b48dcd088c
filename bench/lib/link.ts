// node link.ts target-port: a link of 100 MB/s and 20 ms to a server on this machine; prints the ports that lead over it.
// The second of them breaks every connection once, when so many bytes have come down: node link.ts target-port cut-after.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

const [target = '', cutAfter = ''] = process.argv.slice(2)
const bytesPerMs = 100_000
const delayMs = 10
// What may be under way beyond the delay before a sender has to wait, as in the buffers of a router.
const bufferMs = 20

/**
 * One direction, shared by all connections: a toxiproxy gives each connection the whole rate, which is no limit for
 * clients that open eight.
 */
function createLane() {
  // In order: of timers with other delays the later one may fire first.
  const queue: { readonly at: number; readonly deliver: () => void }[] = []
  let freeAt = 0
  let isPumping = false

  function send(at: number, deliver: () => void): void {
    queue.push({ at, deliver })
    if (!isPumping) pump()
  }

  function pump(): void {
    const now = performance.now()
    for (let next = queue[0]; next !== undefined && next.at <= now; next = queue[0]) {
      queue.shift()
      next.deliver()
    }
    isPumping = queue.length > 0
    if (isPumping) setTimeout(pump, Math.max(1, (queue[0]?.at ?? now) - now))
  }

  return (from: Socket, to: Socket, onBytes: (count: number) => void): void => {
    from.on('data', (chunk) => {
      const now = performance.now()
      freeAt = Math.max(now, freeAt) + chunk.byteLength / bytesPerMs
      send(freeAt + delayMs, () => {
        onBytes(chunk.byteLength)
        to.write(chunk)
      })
      if (freeAt - now < bufferMs) return
      from.pause()
      setTimeout(() => from.resume(), freeAt - now - bufferMs / 2)
    })
    from.on('end', () => send(Math.max(freeAt, performance.now()) + delayMs, () => to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () =>
      send(Math.max(freeAt, performance.now()) + 2 * delayMs, () => to.destroySoon()),
    )
  }
}

const up = createLane()
const down = createLane()

async function listen(limit: number): Promise<number> {
  const open = new Set<Socket>()
  let received = 0
  let isCut = false
  const server = createServer((client) => {
    // A client that comes when nobody is there is a new one.
    if (open.size === 0) {
      received = 0
      isCut = false
    }
    const remote = connect({ host: '127.0.0.1', port: Number(target), noDelay: true })
    client.setNoDelay(true)
    open.add(client)
    client.on('close', () => open.delete(client))
    up(client, remote, () => undefined)
    down(remote, client, (count) => {
      received += count
      if (received < limit || isCut) return
      isCut = true
      for (const socket of open) socket.resetAndDestroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

console.log(JSON.stringify([await listen(Infinity), await listen(Number(cutAfter || Infinity))]))
