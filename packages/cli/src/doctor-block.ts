import { isApiError } from '@prefect-ts/api'
import { isBlockError } from '@prefect-ts/blocks'
import { isStoreError, type Store, type StoreError } from '@prefect-ts/store'
import type { CommandContext } from './command.ts'
import type { Finding } from './findings.ts'
import { isStoreType, openBlockStore, readBlock } from './stores.ts'

const probe = new TextEncoder().encode('prefect-ts doctor\n')

// Loads a block; where it describes a store, takes a probe object through a whole life.
export async function* checkBlock(
  context: CommandContext,
  reference: string,
): AsyncGenerator<Finding> {
  const subject = 'block'
  let block
  try {
    block = await readBlock(context, reference)
  } catch (error) {
    if (!isBlockError(error) && !isApiError(error)) throw error
    const advice = isBlockError(error, 'OBFUSCATED')
      ? 'use an account that may see the secret, or save the block again'
      : '`prefect-ts blocks ls` lists what there is'
    yield { status: 'problem', subject, message: error.message, advice }
    return
  }
  yield { status: 'ok', subject, message: `${reference} loads` }
  if (!isStoreType(block.type)) return

  let store: Store
  try {
    store = await openBlockStore(block)
  } catch (error) {
    if (!isStoreError(error)) throw error
    yield { status: 'problem', subject: 'store', message: error.message }
    return
  }
  yield { status: 'ok', subject: 'store', message: store.url }
  const probed = await roundTrip(store, context.signal)
  yield probed
  if (probed.status === 'ok') yield* capabilities(store)
}

/** Writes, reads, lists and deletes a probe object. */
async function roundTrip(store: Store, signal: AbortSignal): Promise<Finding> {
  const key = `.prefect-ts-doctor/${crypto.randomUUID()}`
  let step = 'write'
  const start = performance.now()
  try {
    await store.put(key, probe, { signal })
    step = 'read back'
    const object = await store.get(key, { signal })
    const content = object && new Uint8Array(await new Response(object.body).arrayBuffer())
    if (content === undefined || Buffer.compare(content, probe) !== 0) {
      return trouble(step, 'what is read is not what was written')
    }
    step = 'list'
    let listed = false
    for await (const entry of store.list({ prefix: key, signal })) listed ||= entry.key === key
    if (!listed) return trouble(step, 'the probe is not in the listing')
    if (store.capabilities.ifAbsent) {
      step = 'keep from overwriting'
      const second = store.put(key, probe, { ifAbsent: true, signal })
      const refused = await second.then(
        () => false,
        (error: unknown) => {
          if (isStoreError(error, 'ALREADY_EXISTS')) return true
          throw error
        },
      )
      if (!refused) return trouble(step, 'the server ignores the condition of a conditional write')
    }
    step = 'delete'
    await store.delete(key, { signal })
    if ((await store.head(key, { signal })) !== undefined) return trouble(step, 'the probe stays')
  } catch (error) {
    if (!isStoreError(error)) throw error
    await store.delete(key, { signal }).catch(() => {})
    return trouble(step, error.message, adviceOn(error))
  }
  const tookMs = Math.round(performance.now() - start)
  return {
    status: 'ok',
    subject: 'probe',
    message: `written, read, listed, deleted in ${tookMs} ms`,
  }

  function trouble(verb: string, reason: string, advice?: string): Finding {
    const message = `can't ${verb} ${key}: ${reason}`
    return { status: 'problem', subject: 'probe', message, advice }
  }
}

function adviceOn(error: StoreError): string | undefined {
  if (isStoreError(error, 'UNAVAILABLE', 'STALLED')) {
    return 'start the server that the block names, or correct the block'
  }
  if (isStoreError(error, 'UNSUPPORTED')) {
    return 'datasets of single days can be written; a guarded latest needs another server'
  }
  return isStoreError(error, 'ACCESS_DENIED')
    ? 'compare the permissions that the store package names in its README'
    : undefined
}

// What the capability table says of the store.
function* capabilities({ capabilities: all }: Store): Generator<Finding> {
  const entries = Object.entries(all).map(([name, has]) => [name, has === true] as const)
  const has = entries.filter(([, value]) => value).map(([name]) => name)
  const lacks = entries.filter(([, value]) => !value).map(([name]) => name)
  const message = [has.join(', '), lacks.length > 0 ? `not ${lacks.join(', ')}` : '']
  yield { status: 'info', subject: 'capabilities', message: message.filter(Boolean).join('; ') }
}
