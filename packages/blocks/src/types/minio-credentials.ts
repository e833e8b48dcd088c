// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { Secret } from '@prefect-ts/api'
import type { BlockModule } from '../block-module.ts'
import { nullable, text, withDefault } from '../fields.ts'
import { secretText } from '../secret-readers.ts'
import { awsClientParameters } from './models/aws-client-parameters.ts'
import type { AwsClientParameters } from './models/aws-client-parameters.ts'

/** Block used to manage authentication with MinIO. Refer to the MinIO docs: https://docs.min.io/docs/minio-server-configuration-guide.html for more info about the possible credential configurations. */
export interface MinioCredentialsData {
  /** Admin or root user. */
  minio_root_user: string
  /** Admin or root password. */
  minio_root_password: Secret
  /** The AWS Region where you want to create new connections. */
  region_name: string | null
  /** Extra parameters to initialize the Client. */
  aws_client_parameters: AwsClientParameters
}

export const blockModule: BlockModule<MinioCredentialsData> = {
  readers: {
    minio_root_user: text,
    minio_root_password: secretText,
    region_name: nullable(text),
    aws_client_parameters: withDefault(awsClientParameters, {}),
  },
}
