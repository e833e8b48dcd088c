// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'
import { assumeRoleParameters } from './models/assume-role-parameters.ts'
import type { AssumeRoleParameters } from './models/assume-role-parameters.ts'
import { awsClientParameters } from './models/aws-client-parameters.ts'
import type { AwsClientParameters } from './models/aws-client-parameters.ts'

/**
 * Block used to manage authentication with AWS. AWS authentication is
 * handled via the `boto3` module. Refer to the
 * [boto3 docs](https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html)
 * for more info about the possible credential configurations.
 */
export interface AwsCredentialsData {
  /** A specific AWS access key ID. */
  aws_access_key_id: string | null
  /** A specific AWS secret access key. */
  aws_secret_access_key: Secret | null
  /** The session key for your AWS account. This is only needed when you are using temporary credentials. */
  aws_session_token: string | null
  /** The profile to use when creating your session. */
  profile_name: string | null
  /** The AWS Region where you want to create new connections. */
  region_name: string | null
  /** Extra parameters to initialize the Client. */
  aws_client_parameters: AwsClientParameters
  /** The ARN of the IAM role to assume. */
  assume_role_arn: string | null
  /** Additional parameters for the assume_role call. */
  assume_role_kwargs: AssumeRoleParameters
}

export const blockModule: BlockModule<AwsCredentialsData> = {
  readers: {
    aws_access_key_id: nullable(text),
    aws_secret_access_key: nullable(secretText),
    aws_session_token: nullable(text),
    profile_name: nullable(text),
    region_name: nullable(text),
    aws_client_parameters: withDefault(awsClientParameters, {}),
    assume_role_arn: nullable(text),
    assume_role_kwargs: withDefault(assumeRoleParameters, {}),
  },
}
