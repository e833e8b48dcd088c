import type { RemoteFileSystemBlock } from '@prefect-ts/store/adapter'
import { blockFields, refuseBlock } from '@prefect-ts/store/adapter'
import { clientSettings, keyPair } from './block-settings.ts'
import { configSettings } from './botocore-config.ts'
import { flag, text } from './fields.ts'
import type { SettingsInput } from './settings.ts'

// Of s3fs's options those that mean something here. What only tunes its caches is no setting of a store.
const known = [
  'anon',
  'key',
  'username',
  'secret',
  'password',
  'token',
  'profile',
  'endpoint_url',
  'use_ssl',
  'client_kwargs',
  'config_kwargs',
] as const
const clientFields = [
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'endpoint_url',
  'region_name',
  'use_ssl',
  'verify',
  'api_version',
  'config',
] as const

/** The settings of a RemoteFileSystem block, which are the options of fsspec's S3FileSystem. */
export function remoteSettings(block: RemoteFileSystemBlock, value: unknown): SettingsInput {
  const fields = blockFields(block, value, 'settings', known)
  const kwargs = blockFields(block, fields.client_kwargs ?? {}, 'client_kwargs', clientFields)
  if (kwargs.config !== undefined) {
    throw refuseBlock(block, 'client_kwargs holds config: put it into config_kwargs')
  }
  const pick = (names: readonly (keyof typeof fields)[], other: keyof typeof kwargs) => {
    const name = names.find((each) => fields[each] !== undefined)
    return name === undefined ? text(block, kwargs[other], other) : text(block, fields[name], name)
  }
  const credentials = keyPair(
    block,
    {
      accessKeyId: pick(['key', 'username'], 'aws_access_key_id'),
      secretAccessKey: pick(['secret', 'password'], 'aws_secret_access_key'),
      sessionToken: pick(['token'], 'aws_session_token'),
    },
    ['key', 'secret', 'token'],
  )
  const config = configSettings(block, fields.config_kwargs)
  const region = text(block, kwargs.region_name, 'region_name')
  const { verify, api_version } = kwargs
  const parameters = clientSettings(block, {
    verify,
    api_version,
    endpoint_url: fields.endpoint_url ?? kwargs.endpoint_url,
    use_ssl: fields.use_ssl ?? kwargs.use_ssl,
  })
  return {
    ...parameters,
    ...config,
    ...(region === undefined ? {} : { region }),
    profile: text(block, fields.profile, 'profile'),
    isAnonymous: flag(block, fields.anon, 'anon') === true || config.isAnonymous === true,
    credentials,
  }
}
