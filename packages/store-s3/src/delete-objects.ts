import { createHash } from 'node:crypto'
import { quoteKey, StoreError } from '@prefect-ts/store'
import type { DriverCall } from '@prefect-ts/store'
import type { Connection } from './connection.ts'
import type { ObjectNames } from './object-names.ts'
import { s3Error } from './s3-error.ts'
import { sendOptions } from './send-options.ts'

const atATime = 16
// What XML 1.0 can't hold, or would read as something else.
// eslint-disable-next-line no-control-regex -- just these
const notForXml = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/

/** Removes objects, and fails naming those that stayed. */
export async function deleteObjects(
  bucket: string,
  names: ObjectNames,
  keys: readonly string[],
  url: string,
  open: () => Promise<Connection>,
  call: DriverCall,
): Promise<void> {
  const { client, sdk } = await open()

  async function one(key: string): Promise<void> {
    try {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: names.toName(key) })
      await client.send(command, sendOptions(call))
    } catch (error) {
      throw s3Error(error, { verb: 'delete', url, key })
    }
  }

  async function many(batch: readonly string[]): Promise<void> {
    const command = new sdk.DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Quiet: true, Objects: batch.map((key) => ({ Key: names.toName(key) })) },
    })
    // Older servers want this digest, whatever other checksum there is.
    command.middlewareStack.add(
      (next) => (args) => {
        const { request } = args as { request: { headers: Record<string, string>; body: string } }
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64')
        return next(args)
      },
      { step: 'build' },
    )
    let answer
    try {
      answer = await client.send(command, sendOptions(call))
    } catch (error) {
      throw s3Error(error, { verb: `delete ${batch.length} objects in`, url })
    }
    const errors = (answer.Errors ?? []).filter(({ Code }) => Code !== 'NoSuchKey')
    const [first] = errors
    if (first === undefined) return
    const key = batch.find((each) => names.toName(each) === first.Key)
    const isDenied = /AccessDenied|Forbidden/.test(first.Code ?? '')
    throw new StoreError(
      `Cannot delete ${errors.length} of ${batch.length} objects in ${url}, first ${quoteKey(key ?? first.Key)}: ${first.Code ?? 'no reason given'}`,
      { code: isDenied ? 'ACCESS_DENIED' : 'IO_ERROR', key },
    )
  }

  const alone = keys.length === 1 ? keys : keys.filter((key) => notForXml.test(names.toName(key)))
  const together = keys.length === 1 ? [] : keys.filter((key) => !alone.includes(key))
  const rest = alone.values()
  const worker = async (): Promise<void> => {
    for (const key of rest) await one(key)
  }
  await Promise.all(Array.from({ length: Math.min(atATime, alone.length) }, worker))
  if (together.length > 0) await many([...new Set(together)])
}
