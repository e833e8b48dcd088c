// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import { anyFields, byKind, flag, nullable, object, text, withDefault } from '../../fields.ts'
import type { Reader } from '../../fields.ts'

/**
 * Model used to manage extra parameters that you can pass when you initialize
 * the Client. If you want to find more information, see
 * [boto3 docs](https://boto3.amazonaws.com/v1/documentation/api/latest/reference/core/session.html)
 * for more info about the possible client configurations.
 *
 * Attributes:
 *     api_version: The API version to use. By default, botocore will
 *         use the latest API version when creating a client. You only need
 *         to specify this parameter if you want to use a previous API version
 *         of the client.
 *     use_ssl: Whether or not to use SSL. By default, SSL is used.
 *         Note that not all services support non-ssl connections.
 *     verify: Whether or not to verify SSL certificates. By default
 *         SSL certificates are verified. If False, SSL will still be used
 *         (unless use_ssl is False), but SSL certificates
 *         will not be verified. Passing a file path to this is deprecated.
 *     verify_cert_path: A filename of the CA cert bundle to
 *         use. You can specify this argument if you want to use a
 *         different CA cert bundle than the one used by botocore.
 *     endpoint_url: The complete URL to use for the constructed
 *         client. Normally, botocore will automatically construct the
 *         appropriate URL to use when communicating with a service. You
 *         can specify a complete URL (including the "http/https" scheme)
 *         to override this behavior. If this value is provided,
 *         then `use_ssl` is ignored.
 *     config: Advanced configuration for Botocore clients. See
 *         [botocore docs](https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html)
 *         for more details.
 */
export interface AwsClientParameters {
  /** The API version to use. */
  api_version: string | null
  /**
   * Whether or not to use SSL.
   * @default true
   */
  use_ssl: boolean
  /** Whether or not to verify SSL certificates. */
  verify: boolean | string | null
  /** Path to the CA cert bundle to use. */
  verify_cert_path: string | null
  /** The complete URL to use for the constructed client. */
  endpoint_url: string | null
  /** Advanced configuration for Botocore clients. */
  config: Record<string, unknown> | null
}

export const awsClientParameters: Reader<AwsClientParameters> = object<AwsClientParameters>({
  api_version: nullable(text),
  use_ssl: withDefault(flag, true),
  verify: nullable(byKind({ boolean: flag, string: text })),
  verify_cert_path: nullable(text),
  endpoint_url: nullable(text),
  config: nullable(anyFields),
})
