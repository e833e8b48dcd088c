import type { Agent, ClientRequest } from 'node:http'

const lookEveryMs = 250

/** Requests that wait for a connection. */
export interface SocketQueue {
  /** To be called with a request that was just made, and what says that its operation goes on. */
  join(request: ClientRequest, touch: () => void): void
}

/**
 * Keeps requests that wait for a connection of a full pool from being taken for stalled as long as anything moves on
 * its connections, each of which has a limit of its own. Where nothing moves they are.
 */
export function createSocketQueue(...agents: readonly Agent[]): SocketQueue {
  const waiting = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let seen = 0

  const bytesMoved = (): number =>
    agents
      .flatMap(({ sockets }) => Object.values(sockets).flatMap((some) => some ?? []))
      .reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0)

  function look(): void {
    const moved = bytesMoved()
    if (moved !== seen) for (const touch of waiting) touch()
    seen = moved
  }

  return {
    join(request, touch) {
      if (agents.every(({ requests }) => Object.keys(requests).length === 0)) return
      const member = (): void => touch()
      const leave = (): void => {
        waiting.delete(member)
        if (waiting.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
      waiting.add(member)
      timer ??= setInterval(look, lookEveryMs)
      request.once('socket', leave).once('close', leave)
    },
  }
}
