import type { Agent } from 'node:http'

const readSize = 64 * 1024

/**
 * Lets all connections of an agent of node:http(s) read into one piece of memory, out of which Node's parser copies at
 * once. By itself Node allocates 64 KiB for every read, and some 64 MiB of them gather before V8 looks.
 */
export function sharedReads(agent: Agent): Agent {
  const connect = agent.createConnection.bind(agent)
  const buffer = Buffer.allocUnsafeSlow(readSize)
  agent.createConnection = (options, done) => {
    const onread = {
      buffer,
      callback(count: number): boolean {
        socket?.emit('data', buffer.subarray(0, count))
        return true
      },
    }
    // The types leave out what net.connect and tls.connect take.
    const socket = connect({ ...options, onread } as typeof options, done)
    return socket
  }
  return agent
}
