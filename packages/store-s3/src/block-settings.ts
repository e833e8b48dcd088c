import { blockFields, refuseBlock } from '@prefect-ts/store/adapter'
import type { BlockLike } from '@prefect-ts/store'
import { configSettings } from './botocore-config.ts'
import { flag, text } from './fields.ts'
import type { AssumeRole, SettingsInput } from './settings.ts'

const minioFields = [
  'minio_root_user',
  'minio_root_password',
  'region_name',
  'aws_client_parameters',
] as const
const awsFields = [
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'profile_name',
  'region_name',
  'aws_client_parameters',
  'assume_role_arn',
  'assume_role_kwargs',
] as const
const roleFields = [
  'RoleSessionName',
  'DurationSeconds',
  'Policy',
  'PolicyArns',
  'Tags',
  'TransitiveTagKeys',
  'ExternalId',
  'SerialNumber',
  'TokenCode',
  'SourceIdentity',
  'ProvidedContexts',
] as const

/** The settings of an AwsCredentials or MinIOCredentials block, nested or inline, in `block`. */
export function credentialSettings(block: BlockLike, value: unknown): SettingsInput {
  const isBlock = typeof value === 'object' && value !== null && 'data' in value
  const data: unknown = isBlock ? value.data : value
  if (typeof data !== 'object' || data === null)
    throw refuseBlock(block, 'its credentials are no object')
  const type: unknown =
    isBlock && 'type' in value ? value.type : Reflect.get(data, 'block_type_slug')
  const isMinio = type === undefined ? 'minio_root_user' in data : type === 'minio-credentials'
  if (type !== undefined && !isMinio && type !== 'aws-credentials') {
    throw refuseBlock(
      block,
      `its credentials are a block of type ${JSON.stringify(type)}, not aws-credentials or minio-credentials`,
    )
  }
  if (isMinio) {
    const fields = blockFields(block, data, 'credentials', minioFields)
    const credentials = keyPair(
      block,
      {
        accessKeyId: text(block, fields.minio_root_user, 'minio_root_user'),
        secretAccessKey: text(block, fields.minio_root_password, 'minio_root_password'),
      },
      ['minio_root_user', 'minio_root_password'],
    )
    if (credentials === undefined) throw refuseBlock(block, 'minio_root_user is empty')
    return {
      ...regionOf(block, fields.region_name),
      ...clientSettings(block, fields.aws_client_parameters),
      credentials,
    }
  }
  const fields = blockFields(block, data, 'credentials', awsFields)
  const names = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'] as const
  const [accessKeyId, secretAccessKey, sessionToken] = names.map((name) =>
    text(block, fields[name], name),
  )
  return {
    // As in botocore, the region of a config comes before the block's.
    ...regionOf(block, fields.region_name),
    ...clientSettings(block, fields.aws_client_parameters),
    profile: text(block, fields.profile_name, 'profile_name'),
    credentials: keyPair(block, { accessKeyId, secretAccessKey, sessionToken }, names),
    assumeRole: roleOf(block, fields.assume_role_arn, fields.assume_role_kwargs),
  }
}

/** Keys that are complete, or absent; boto3 signs half of them with the word "None". */
export function keyPair(
  block: BlockLike,
  given: {
    readonly accessKeyId: string | undefined
    readonly secretAccessKey: string | undefined
    readonly sessionToken?: string | undefined
  },
  [id = '', secret = '', token = '']: readonly string[],
): { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = given
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const keys = { accessKeyId, secretAccessKey }
    return sessionToken === undefined ? keys : { ...keys, sessionToken }
  }
  if (accessKeyId !== undefined) throw refuseBlock(block, `it has ${id} but no ${secret}`)
  if (secretAccessKey !== undefined) throw refuseBlock(block, `it has ${secret} but no ${id}`)
  if (sessionToken !== undefined) throw refuseBlock(block, `it has ${token} but no ${id}`)
  return undefined
}

function regionOf(block: BlockLike, value: unknown): Pick<SettingsInput, 'region'> {
  const region = text(block, value, 'region_name')
  return region === undefined ? {} : { region }
}

function roleOf(block: BlockLike, arn: unknown, kwargs: unknown): AssumeRole | undefined {
  const RoleArn = text(block, arn, 'assume_role_arn')
  const fields = blockFields(block, kwargs ?? {}, 'assume_role_kwargs', roleFields)
  const { RoleSessionName: session, ...rest } = fields
  const RoleSessionName = text(block, session, 'RoleSessionName')
  if (RoleArn === undefined) {
    // Nulls are fields that were left empty.
    if (Object.values(fields).every((given) => given === undefined || given === null))
      return undefined
    throw refuseBlock(block, 'it has assume_role_kwargs but no assume_role_arn')
  }
  return { RoleArn, ...(RoleSessionName === undefined ? {} : { RoleSessionName }), ...rest }
}

const parameterFields = [
  'api_version',
  'use_ssl',
  'verify',
  'verify_cert_path',
  'endpoint_url',
  'config',
] as const

/** What AwsClientParameters say. */
export function clientSettings(block: BlockLike, value: unknown): SettingsInput {
  const fields = blockFields(block, value ?? {}, 'aws_client_parameters', parameterFields)
  const version = text(block, fields.api_version, 'api_version')
  if (version !== undefined && version !== '2006-03-01') {
    throw refuseBlock(block, `its api_version is "${version}", and S3 has 2006-03-01 only`)
  }
  const { verify } = fields
  const isFile = typeof verify === 'string'
  return {
    ...configSettings(block, fields.config),
    endpoint: text(block, fields.endpoint_url, 'endpoint_url'),
    useSsl: flag(block, fields.use_ssl, 'use_ssl'),
    verify: isFile ? undefined : flag(block, verify, 'verify'),
    // As in Python, certificates are of no use when nothing is verified.
    caFile:
      verify === false
        ? undefined
        : (text(block, fields.verify_cert_path, 'verify_cert_path') ??
          (isFile ? text(block, verify, 'verify') : undefined)),
  }
}
