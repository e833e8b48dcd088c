import type { DriverCall } from '@prefect-ts/store'
import type { SendOptions } from './http-handler.ts'

/** What the SDK shall know of a call. */
export function sendOptions(call: DriverCall): Required<SendOptions> {
  return { abortSignal: call.signal, touch: () => call.touch() }
}
