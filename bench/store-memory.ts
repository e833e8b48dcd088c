import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContainer } from '../packages/store-azure/test/container.ts'
import { root } from '../scripts/lib/prefect-server.ts'
import { startAzurite } from '../test/servers/azurite.ts'
import { createGcsBucket, startFakeGcs } from '../test/servers/fake-gcs.ts'
import type { TestServer } from '../test/servers/process.ts'
import { startRclone } from '../test/servers/rclone.ts'
import { measure, report } from './lib/harness.ts'
import { isFull, s3Environment, writeRandom } from './lib/s3.ts'

/**
 * Peak memory of one transfer as a whole process: a large file against one of 64 MiB. The servers of GCS and Azure keep
 * everything in memory, so theirs is 1 GiB where that of S3 is 5.
 */
export async function storeMemory(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'prefect-ts-bench-'))
  try {
    await one(folder, 's3', isFull ? 5 * 1024 : 512, async () => {
      await mkdir(join(folder, 'server/bench'), { recursive: true })
      const server = await startRclone(join(folder, 'server'))
      return { server, address: server.url }
    })
    await one(folder, 'gcs', isFull ? 1024 : 256, async () => {
      const server = await startFakeGcs()
      await createGcsBucket(server.url, 'bench')
      return { server, address: server.url }
    })
    await one(folder, 'azure', isFull ? 1024 : 256, async () => {
      const server = await startAzurite()
      await createContainer(server.connectionString, 'bench')
      return { server, address: server.connectionString }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function one(
  folder: string,
  kind: string,
  mebibytes: number,
  start: () => Promise<{ server: TestServer; address: string }>,
): Promise<void> {
  const { server, address } = await start()
  try {
    for (const verb of ['upload', 'download']) {
      const contenders = []
      for (const size of [64, mebibytes]) {
        const file = join(folder, `${size}`)
        if (verb === 'upload') await writeRandom(file, size)
        const command = [
          process.execPath,
          join(root, 'bench/contenders/store-memory.mjs'),
          kind,
          verb,
          address,
          verb === 'upload' ? file : `${file}.down`,
          `${size}`,
        ]
        contenders.push({
          name: `${verb} of ${size} MiB`,
          command,
          env: s3Environment,
          expect: 'done',
        })
      }
      // One after the other, once: what is asked is a peak.
      const rows = await measure(contenders, 1, { warmUp: false })
      report(`store-memory-${kind}-${verb}`, `store-${kind}`, rows, { node: process.versions.node })
    }
  } finally {
    await server.stop()
  }
}
