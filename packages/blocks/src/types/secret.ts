import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { kindOf, mismatch } from '../fields.ts'
import { toSecret } from '../secret-fields.ts'

/** Fields of `Secret` (prefect). */
export interface SecretData {
  /**
   * The secret. Prefect allows any JSON value: a string is revealed as it is, anything else as its
   * JSON text, so `JSON.parse(value.reveal())` gives an object back. The text `{"a":1}` and the
   * object `{ a: 1 }` look the same, as they do to Python's `Secret.get()`.
   */
  value: Secret
}

export const blockModule: BlockModule<SecretData> = {
  readers: {
    value: (value, place) => {
      if (value === undefined) throw mismatch(place, 'any JSON value', kindOf(value))
      return toSecret(value, place)
    },
  },
}
