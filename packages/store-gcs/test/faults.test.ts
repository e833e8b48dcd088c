import { createGcsStore } from '@prefect-ts/store-gcs'
import { describe, inject } from 'vitest'
import { createGcsBucket } from '../../../test/servers/fake-gcs.ts'
import type { SeenRequest, StandIn } from '../../../test/servers/fault-proxy.ts'
import { testStoreFaults } from '../../../test/store-faults.ts'
import { clientOf } from './client.ts'

const serverUrl = inject('gcsUrl')

function idOf({ method, url }: SeenRequest): string | undefined {
  return method === 'PUT' ? /upload_id=([^&]*)/.exec(url)?.[1] : undefined
}

/** Google's answers to the question how far an upload is; fake-gcs-server takes it for the end of the upload. */
function uploadStates(): StandIn {
  const states = new Map<
    string,
    { status: number; headers: Record<string, string>; body: string }
  >()
  return {
    answer(request) {
      const id = idOf(request)
      if (id === undefined || request.headers['content-range'] !== 'bytes */*') return undefined
      return { kind: 'answer', ...(states.get(id) ?? { status: 308, headers: {}, body: '' }) }
    },
    observe(request, { status, headers, body }) {
      const id = idOf(request)
      const kept: Record<string, string> = {}
      if (typeof headers.range === 'string') kept['range'] = headers.range
      if (id !== undefined && (status === 308 || status === 200)) {
        states.set(id, { status, headers: kept, body: body.toString() })
      }
    },
  }
}

describe('GCS store behind a failing server', () => {
  testStoreFaults({
    serverUrl: () => serverUrl,
    openStore: (url, bucket, stallTimeoutMs) =>
      createGcsStore({ bucket, folder: 'base', storage: clientOf(url), stallTimeoutMs }),
    standIn: uploadStates(),
    createBucket: (name) => createGcsBucket(serverUrl, name),
    isRead: ({ url }) => url.includes('alt=media'),
    isCommit: ({ url, headers }) =>
      url.includes('uploadType=multipart') ||
      /^bytes \d+-\d+\/\d+$/.test(headers['content-range'] ?? ''),
    isSend: ({ url, method }) =>
      url.includes('uploadType=multipart') || (method === 'PUT' && url.includes('/upload/')),
    isList: ({ url }) => url.includes('maxResults='),
  })
})
