import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { anyFields, nullable, secretText, text, withDefault } from '../fields.ts'
import type { AwsClientParameters } from './aws-client-parameters.ts'
import { awsClientParameters } from './aws-client-parameters.ts'

/** Fields of `AwsCredentials` (prefect-aws). All empty means the SDK's default chain. */
export interface AwsCredentialsData {
  /** The access key's id. Not a secret to Prefect. */
  aws_access_key_id: string | null
  /** The access key's secret. */
  aws_secret_access_key: Secret | null
  /** The token of temporary credentials. Not a secret to Prefect: its pages show it. */
  aws_session_token: string | null
  /** A profile of the shared AWS configuration files. */
  profile_name: string | null
  /** The AWS region. */
  region_name: string | null
  /** How to reach the service. */
  aws_client_parameters: AwsClientParameters
  /** The role to assume with these credentials. */
  assume_role_arn: string | null
  /** STS `AssumeRole` parameters under AWS's own names; null where not given. */
  assume_role_kwargs: Record<string, unknown>
}

export const blockModule: BlockModule<AwsCredentialsData> = {
  readers: {
    aws_access_key_id: nullable(text),
    aws_secret_access_key: nullable(secretText),
    aws_session_token: nullable(text),
    profile_name: nullable(text),
    region_name: nullable(text),
    aws_client_parameters: awsClientParameters,
    assume_role_arn: nullable(text),
    assume_role_kwargs: withDefault(anyFields, {}),
  },
}
