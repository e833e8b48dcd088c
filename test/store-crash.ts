import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Store } from '../packages/store/src/index.ts'
import { crashSizes } from './store-crash-writer.ts'
import { trials } from './trials.ts'

/** That an object is whole or absent after each kill -9 of a process that writes it. */
export function testStoreCrash(options: {
  /** Script that calls `writeUntilKilled`, and its arguments. */
  writer: () => readonly string[]
  /** The store that it writes to. */
  openStore: () => Store
}): void {
  const count = trials(8, 150)
  it(
    `after ${count} kill -9 the object is one whole content or absent`,
    { timeout: 900_000 },
    async () => {
      const store = options.openStore()
      const sizes = new Set<number>()
      for (let trial = 0; trial < count; trial++) {
        await killedInWrite(options.writer(), 1 + (trial % 5), (trial * 17.3) % 120)
        const object = await store.get('folder/k')
        const bytes = Buffer.from(await new Response(object?.body).arrayBuffer())
        expect([undefined, ...crashSizes]).toContain(object?.size)
        expect(bytes.byteLength).toBe(object?.size ?? 0)
        expect(bytes.equals(Buffer.alloc(bytes.byteLength, bytes.byteLength % 251))).toBe(true)
        sizes.add(bytes.byteLength)
        const listed: string[] = []
        for await (const { key } of store.list()) listed.push(key)
        expect(listed).toEqual(object === undefined ? [] : ['folder/k'])
      }
      // Else all kills hit the same moment and the trials say little.
      expect(sizes.size).toBeGreaterThan(1)
    },
  )
}

/** Kills the writer so many milliseconds after it began its nth write, however slow this machine is. */
export async function killedInWrite(
  script: readonly string[],
  nth: number,
  delayMs: number,
): Promise<void> {
  expect(await signalledInWrite(script, nth, delayMs, 'SIGKILL')).toEqual([null, 'SIGKILL'])
}

/** Sends the writer a signal in its nth write. Resolves with its exit code and the signal that it died of. */
export async function signalledInWrite(
  script: readonly string[],
  nth: number,
  delayMs: number,
  signal: NodeJS.Signals,
): Promise<unknown[]> {
  const child = spawn(process.execPath, ['-C', '@prefect-ts/source', ...script], {
    // A job logs that it was cancelled.
    stdio: ['ignore', 'pipe', signal === 'SIGKILL' ? 'inherit' : 'ignore'],
  })
  const ended = once(child, 'close')
  let begun = 0
  for await (const dots of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    begun += String(dots).length
    if (begun >= nth) break
  }
  await sleep(delayMs)
  child.kill(signal)
  return await ended
}
