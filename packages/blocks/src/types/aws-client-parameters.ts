import type { Reader } from '../fields.ts'
import {
  anyFields,
  flag,
  kindOf,
  mismatch,
  nullable,
  object,
  text,
  withDefault,
} from '../fields.ts'

/** Fields of `AwsClientParameters` (prefect-aws): what boto3's `client()` takes. */
export interface AwsClientParameters {
  /** The API version; null lets the SDK choose. */
  api_version: string | null
  /** Whether to use TLS. Ignored when `endpoint_url` is set. @default true */
  use_ssl: boolean
  /** False switches certificate checks off; a string is the (deprecated) path of a CA file. */
  verify: boolean | string | null
  /** The path of a CA file to check certificates with. */
  verify_cert_path: string | null
  /** The address of an S3-compatible server, with its scheme; null means AWS. */
  endpoint_url: string | null
  /** botocore `Config` settings, such as `{ s3: { addressing_style: 'virtual' } }`. */
  config: Record<string, unknown> | null
}

const verify: Reader<boolean | string> = (value, place) => {
  if (typeof value === 'boolean' || typeof value === 'string') return value
  throw mismatch(place, 'a boolean or a string', kindOf(value))
}

export const awsClientParameters: Reader<AwsClientParameters> = withDefault(
  object<AwsClientParameters>({
    api_version: nullable(text),
    use_ssl: withDefault(flag, true),
    verify: nullable(verify),
    verify_cert_path: nullable(text),
    endpoint_url: nullable(text),
    config: nullable(anyFields),
  }),
  {},
)
