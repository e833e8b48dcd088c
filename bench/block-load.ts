import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root, runPython, venv } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'

const contender = (file: string): string => join(root, 'bench/contenders', file)

/** Process start to `s3-bucket` block in hand, against Python's `S3Bucket.load` and against bare Node and `fetch`. */
export async function blockLoad(apiUrl: string): Promise<void> {
  const env = { PREFECT_API_URL: apiUrl }
  runPython([contender('save_block.py')], env)
  const rows = await measure([
    {
      name: '@prefect-ts/blocks loadBlock',
      command: [process.execPath, contender('load-block.ts')],
      env,
      expect: 'bench-bucket',
    },
    {
      name: 'node + fetch of the document',
      command: [process.execPath, contender('fetch-block.mjs')],
      env,
      expect: 'bench-bucket',
    },
    {
      name: 'Python S3Bucket.load',
      command: [join(venv, 'bin/python'), contender('load_block.py')],
      env,
      expect: 'bench-bucket',
    },
  ])
  const python = join(venv, 'bin/python')
  const version = (name: string): string =>
    execFileSync(
      python,
      ['-c', `from importlib.metadata import version; print(version("${name}"))`],
      {
        encoding: 'utf8',
      },
    ).trim()
  report('block-load', 'Process start to s3-bucket block in hand', rows, {
    node: process.versions.node,
    prefect: version('prefect'),
    'prefect-aws': version('prefect-aws'),
  })
}
