// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import { anyFields, integer, nullable, text, withDefault } from '../fields.ts'

/** Store settings for interacting with a Docker host. */
export interface DockerHostData {
  /** URL to the Docker host. */
  base_url: string | null
  /**
   * The version of the API to use
   * @default 'auto'
   */
  version: string
  /** Default timeout for API calls, in seconds. */
  timeout: number | null
  /** The maximum number of connections to save in the pool. */
  max_pool_size: number | null
  /** Additional keyword arguments to pass to `docker.from_env()` or `DockerClient`. */
  client_kwargs: Record<string, unknown>
}

export const blockModule: BlockModule<DockerHostData> = {
  readers: {
    base_url: nullable(text),
    version: withDefault(text, 'auto'),
    timeout: nullable(integer),
    max_pool_size: nullable(integer),
    client_kwargs: withDefault(anyFields, {}),
  },
}
