import type { RunRecords } from './records.ts'

export interface Progress {
  report(fraction: number): void
  /** Sends the last value. */
  close(): Promise<void>
}

const intervalMs = 1_000

/** Shows `fraction` as one progress artifact, sent at most once a second. A failure to send is told to `onError` once. */
export function createProgress(
  records: () => RunRecords | undefined,
  description: () => string,
  onError: (error: unknown) => void,
): Progress {
  let artifactId: string | undefined
  let pending: number | undefined
  let sending: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let failed = false

  async function send(): Promise<void> {
    const data = pending
    const to = records()
    if (data === undefined || to === undefined || failed) return
    pending = undefined
    try {
      if (artifactId === undefined) {
        const artifact = { type: 'progress', data, description: description() } as const
        artifactId = await to.createArtifact(artifact)
      } else {
        await to.updateArtifact(artifactId, { type: 'progress', data })
      }
    } catch (error) {
      failed = true
      onError(error)
    }
  }

  function start(): void {
    timer = undefined
    sending = send().finally(() => {
      sending = undefined
      if (pending !== undefined && !failed) timer ??= setTimeout(start, intervalMs).unref()
    })
  }

  return {
    report(fraction) {
      if (!Number.isFinite(fraction))
        throw new RangeError(`progress(${fraction}) is not a number from 0 to 1`)
      pending = Math.round(Math.min(Math.max(fraction, 0), 1) * 1000) / 10
      if (sending === undefined) timer ??= setTimeout(start, 0).unref()
    },
    async close() {
      await sending
      clearTimeout(timer)
      await send()
    },
  }
}
