import { createHash } from 'node:crypto'
import type { DeleteObjectsCommandOutput } from '@aws-sdk/client-s3'
import { quoteKey, StoreError } from '@prefect-ts/store'
import type { DriverCall } from '@prefect-ts/store'
import { runConcurrently } from '@prefect-ts/store/adapter'
import type { Connection } from './connection.ts'
import type { ObjectNames } from './object-names.ts'
import { errorStatus, s3Error, unclearAnswer } from './s3-error.ts'
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

  async function one(key: string, options: DriverCall): Promise<void> {
    try {
      const target = { Bucket: bucket, Key: names.toName(key) }
      const answer = await client.send(new sdk.DeleteObjectCommand(target), sendOptions(options))
      // S3 says 204. Under 200 there may be anything.
      if (answer.$metadata.httpStatusCode !== 204) await mustBeGone(target, options)
    } catch (error) {
      throw s3Error(error, { verb: 'delete', url, key })
    }
  }

  async function mustBeGone(
    target: { Bucket: string; Key: string },
    options: DriverCall,
  ): Promise<void> {
    try {
      await client.send(new sdk.HeadObjectCommand(target), sendOptions(options))
    } catch (error) {
      if (errorStatus(error) === 404) return
      throw error
    }
    throw unclearAnswer('status 204, and the object is still there')
  }

  async function many(batch: readonly string[]): Promise<void> {
    const command = new sdk.DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: batch.map((key) => ({ Key: names.toName(key) })) },
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
    if (first === undefined) return await oneByOne(batch.filter(isNotSaid(answer)))
    const key = batch.find((each) => names.toName(each) === first.Key)
    const isDenied = /AccessDenied|Forbidden/.test(first.Code ?? '')
    throw new StoreError(
      `Cannot delete ${errors.length} of ${batch.length} objects in ${url}, first ${quoteKey(key ?? first.Key)}: ${first.Code ?? 'no reason given'}`,
      { code: isDenied ? 'ACCESS_DENIED' : 'IO_ERROR', key },
    )
  }

  const oneByOne = (several: readonly string[]): Promise<void> =>
    runConcurrently(several, atATime, call.signal, (key, signal) => one(key, { ...call, signal }))

  /** Whether an answer leaves out a key: it is to say of each that it was deleted, or why not. */
  function isNotSaid({ Deleted = [], Errors = [] }: DeleteObjectsCommandOutput) {
    const said = new Set([...Deleted, ...Errors].map(({ Key }) => Key))
    return (key: string): boolean => !said.has(names.toName(key))
  }

  const alone = keys.length === 1 ? keys : keys.filter((key) => notForXml.test(names.toName(key)))
  const together = keys.length === 1 ? [] : keys.filter((key) => !alone.includes(key))
  await oneByOne(alone)
  if (together.length > 0) await many([...new Set(together)])
}
