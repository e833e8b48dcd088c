import type { BlockLike } from '@prefect-ts/store'
import { blockFields, refuseBlock } from '@prefect-ts/store/adapter'
import { text } from './fields.ts'
import type { SettingsInput } from './settings.ts'

const configFields = [
  'region_name',
  'signature_version',
  's3',
  'retries',
  'connect_timeout',
  'read_timeout',
  'max_pool_connections',
  'user_agent_extra',
  'request_checksum_calculation',
] as const

/** What botocore's Config says, as far as it means something here; the rest is refused by name. */
export function configSettings(block: BlockLike, value: unknown): SettingsInput {
  const fields = blockFields(block, value ?? {}, 'config', configFields)
  const s3 = blockFields(block, fields.s3 ?? {}, 'config.s3', ['addressing_style'])
  const retries = blockFields(block, fields.retries ?? {}, 'config.retries', [
    'max_attempts',
    'total_max_attempts',
    'mode',
  ])
  const signature = oneOf(block, fields.signature_version, 'signature_version', [
    's3v4',
    'v4',
    'unsigned',
  ])
  const mode = oneOf(block, retries.mode, 'retries.mode', ['legacy', 'standard', 'adaptive'])
  const checksums = oneOf(
    block,
    fields.request_checksum_calculation,
    'request_checksum_calculation',
    ['when_supported', 'when_required'],
  )
  const repeats = count(block, retries.max_attempts, 'retries.max_attempts')
  const total = count(block, retries.total_max_attempts, 'retries.total_max_attempts')
  const region = text(block, fields.region_name, 'region_name')
  const agent = text(block, fields.user_agent_extra, 'user_agent_extra')
  return {
    ...(region === undefined ? {} : { region }),
    isAnonymous: signature === 'unsigned',
    addressingStyle: oneOf(block, s3.addressing_style, 's3.addressing_style', [
      'auto',
      'path',
      'virtual',
    ]),
    // botocore counts repetitions with one name and attempts with the other.
    maxAttempts: total ?? (repeats === undefined ? undefined : repeats + 1),
    connectTimeoutMs: seconds(block, fields.connect_timeout, 'connect_timeout'),
    readTimeoutMs: seconds(block, fields.read_timeout, 'read_timeout'),
    maxSockets: count(block, fields.max_pool_connections, 'max_pool_connections'),
    client: {
      ...(mode === undefined ? {} : { retryMode: mode === 'adaptive' ? mode : 'standard' }),
      ...(agent === undefined ? {} : { customUserAgent: agent }),
      ...(checksums === undefined
        ? {}
        : {
            requestChecksumCalculation:
              checksums === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
          }),
    },
  }
}

function oneOf<Value extends string>(
  block: BlockLike,
  value: unknown,
  name: string,
  known: readonly Value[],
): Value | undefined {
  if (value === undefined) return undefined
  const found = known.find((each) => each === value)
  if (found !== undefined) return found
  throw refuseBlock(block, `${name} of its config is not one of ${known.join(', ')}`)
}

function count(block: BlockLike, value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value)
  throw refuseBlock(block, `${name} of its config is no count`)
}

function seconds(block: BlockLike, value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value > 0 && value < 2_000_000) return value * 1000
  throw refuseBlock(block, `${name} of its config is no number of seconds`)
}
