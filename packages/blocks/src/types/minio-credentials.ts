import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable, secretText, text } from '../fields.ts'
import type { AwsClientParameters } from './aws-client-parameters.ts'
import { awsClientParameters } from './aws-client-parameters.ts'

/** Fields of `MinIOCredentials` (prefect-aws). */
export interface MinioCredentialsData {
  /** The user, used as access key id. Not a secret to Prefect. */
  minio_root_user: string
  /** The password, used as access key secret. */
  minio_root_password: Secret
  /** The region, where the server has any. */
  region_name: string | null
  /** How to reach the server; without `endpoint_url` the SDK talks to AWS. */
  aws_client_parameters: AwsClientParameters
}

export const blockModule: BlockModule<MinioCredentialsData> = {
  readers: {
    minio_root_user: text,
    minio_root_password: secretText,
    region_name: nullable(text),
    aws_client_parameters: awsClientParameters,
  },
}
