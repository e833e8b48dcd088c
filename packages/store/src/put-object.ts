import type { Source } from './body.ts'
import { checkInfo } from './check-info.ts'
import type { DriverPut, StoreDriver } from './driver.ts'
import type { Guard } from './guard.ts'
import { createMeter } from './meter.ts'
import type { PutOptions, PutResult } from './store.ts'
import type { UploadJournal } from './upload-journal.ts'
import { metadataToKeep, resolveOutcome } from './write.ts'

/** What `putObject` needs of a store. */
export interface PutSettings {
  readonly stallTimeoutMs: number
  /** How long an aborted driver may take to remove what it has begun before the caller is told. */
  readonly cleanUpMs: number
  /** The journal of uploads in parts, for drivers that can list them. */
  openJournal(): Promise<UploadJournal | undefined>
}

/** `put`, once its arguments are checked: the body is metered into the driver, whole or in parts. */
export async function putObject(
  driver: StoreDriver,
  key: string,
  source: Source,
  call: PutOptions,
  guard: Guard,
  settings: PutSettings,
): Promise<PutResult> {
  const { stallTimeoutMs, cleanUpMs } = settings
  const { multipart } = driver
  const { sha256, onProgress, signal } = call
  const size = call.size ?? source.size
  const wait = <T>(work: Promise<T>): Promise<T> => guard.waitForCaller(work)
  const meter = createMeter(source, { key, size, sha256, onProgress, wait })
  const options: DriverPut = {
    ...guard.call,
    size,
    ifAbsent: call.ifAbsent ?? false,
    ifMatch: call.ifMatch,
    contentType: call.contentType,
    metadata: await metadataToKeep(driver, call, source),
  }
  let isSent = false
  const onSent = (): void => {
    isSent = true
  }

  async function write(): Promise<PutResult> {
    if (multipart === undefined) return await driver.put(key, meter.body, options)
    const { writeParts } = await import('./multipart.ts')
    const journal = await settings.openJournal()
    const parts = { stallTimeoutMs, onSent, journal }
    return await writeParts(driver, multipart, key, meter.body, options, parts)
  }

  try {
    const result = await guard.wait(write(), cleanUpMs)
    if (meter.ended()) return checkInfo(result)
    throw meter.failure()?.error ?? new Error('the driver did not read the whole body')
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    const failure = meter.failure()
    if (failure !== undefined) throw failure.error
    const sent = isSent || (multipart === undefined && meter.ended())
    const unsure = { driver, key, options, sent, stallTimeoutMs }
    return await resolveOutcome(guard.explain(error), unsure)
  } finally {
    guard.close()
    if (!meter.ended()) meter.release()
  }
}
