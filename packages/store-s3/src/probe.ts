import { StoreError } from '@prefect-ts/store'
import type { DriverPut } from '@prefect-ts/store'
import type { Connection } from './connection.ts'
import { errorStatus, s3Error } from './s3-error.ts'
import { sendOptions } from './send-options.ts'

type Condition = { readonly IfNoneMatch: string } | { readonly IfMatch: string }
interface Target {
  readonly Bucket: string
  readonly Key: string
}

/** Looks whether the server heeds the condition of a write. */
export type ConditionCheck = (options: DriverPut, how: 'whole' | 'in parts') => Promise<void>

/** For servers whose conditions are known to hold. */
export const trusted: ConditionCheck = () => Promise.resolve()

/**
 * Before the first write with a condition on a server that is not AWS: writes an object of a few bytes, and over it
 * under a condition that does not hold, in the way and under the kind of condition at hand. A server that takes this
 * would let one writer overwrite another, so such writes are refused with `UNSUPPORTED`. (rclone 1.75 heeds no
 * condition; moto 5.2 not If-Match when an upload in parts completes.)
 */
export function probe(
  target: (key: string) => Target,
  url: string,
  open: () => Promise<Connection>,
): ConditionCheck {
  const results = new Map<string, Promise<boolean>>()

  async function holds(options: DriverPut, how: string, condition: Condition): Promise<boolean> {
    const connection = await open()
    if (connection.isAws) return true
    const { client, sdk } = connection
    const object = target(`.prefect-ts-probe-${crypto.randomUUID()}`)
    const call = sendOptions(options)
    try {
      await client.send(new sdk.PutObjectCommand({ ...object, Body: 'probe' }), call)
      const over =
        how === 'whole'
          ? client.send(new sdk.PutObjectCommand({ ...object, Body: 'over', ...condition }), call)
          : writeInParts(connection, object, condition, call)
      await over
      return false
    } catch (error) {
      if (errorStatus(error) === 412) return true
      throw s3Error(error, { verb: 'find out whether conditions hold in', url })
    } finally {
      await client.send(new sdk.DeleteObjectCommand(object), call).catch(() => undefined)
    }
  }

  return async (options, how) => {
    const { ifAbsent, ifMatch } = options
    if (!ifAbsent && ifMatch === undefined) return
    const header = ifAbsent ? 'If-None-Match' : 'If-Match'
    const name = `${header} ${how}`
    const condition = ifAbsent ? { IfNoneMatch: '*' } : { IfMatch: `"${'0'.repeat(32)}"` }
    const result = results.get(name) ?? holds(options, how, condition)
    results.set(name, result)
    const isHeeded = await result.catch((error: unknown) => {
      results.delete(name)
      throw error
    })
    if (isHeeded) return
    throw new StoreError(
      `Cannot write to ${url} under a condition: the server ignores ${header}${how === 'in parts' ? ' when an upload in parts completes' : ''}, so writers would overwrite each other`,
      { code: 'UNSUPPORTED' },
    )
  }
}

async function writeInParts(
  { client, sdk }: Connection,
  object: Target,
  condition: Condition,
  call: ReturnType<typeof sendOptions>,
): Promise<void> {
  const begun = await client.send(new sdk.CreateMultipartUploadCommand(object), call)
  const upload = { ...object, UploadId: begun.UploadId }
  try {
    const part = { ...upload, PartNumber: 1, Body: 'over' }
    const { ETag } = await client.send(new sdk.UploadPartCommand(part), call)
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] }
    const complete = { ...upload, ...condition, MultipartUpload }
    await client.send(new sdk.CompleteMultipartUploadCommand(complete), call)
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand(upload), call).catch(() => undefined)
    throw error
  }
}
