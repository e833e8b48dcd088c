import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { cleanEnvironment, root, runPython, venv } from '../scripts/lib/prefect-server.ts'
import { measure, report } from './lib/harness.ts'

const contender = (file: string): string => join(root, 'bench/contenders', file)

/** Process start to `s3-bucket` block in hand, against Python's `S3Bucket.load` and against bare Node and `fetch`. */
export async function blockLoad(apiUrl: string): Promise<void> {
  const env = { PREFECT_API_URL: apiUrl }
  runPython([contender('save_block.py')], env)
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-bench-'))
  try {
    const bundled = await bundle('load-block.ts', folder)
    const cached = { ...env, NODE_COMPILE_CACHE: join(folder, 'cache') }
    const rows = await measure([
      {
        name: 'node + fetch of the document',
        command: [process.execPath, contender('fetch-block.mjs')],
        env,
        expect: 'bench-bucket',
      },
      {
        name: 'loadBlock, bundled, compile cache',
        command: [process.execPath, bundled],
        env: cached,
        expect: 'bench-bucket',
      },
      {
        name: 'loadBlock, plain import',
        command: [process.execPath, contender('load-block.ts')],
        env,
        expect: 'bench-bucket',
      },
      {
        name: 'loadBlock and its zod schema',
        command: [process.execPath, contender('load-block-zod.ts')],
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
    report('block-load', 'Process start to s3-bucket block in hand', rows, versions())
    // Alternating in one process: the server's own moods fall on both.
    const warm = [contender('warm-load.ts')]
    console.log(
      execFileSync(process.execPath, warm, { env: cleanEnvironment(env), encoding: 'utf8' }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One file of the contender and all that it imports, as a job would be deployed. */
async function bundle(file: string, folder: string): Promise<string> {
  const build = await rolldown({ input: contender(file), platform: 'node', logLevel: 'silent' })
  await build.write({ dir: folder, format: 'esm', entryFileNames: 'job.mjs' })
  await build.close()
  return join(folder, 'job.mjs')
}

function versions(): Record<string, string> {
  return {
    node: process.versions.node,
    prefect: pythonVersion('prefect'),
    'prefect-aws': pythonVersion('prefect-aws'),
  }
}

function pythonVersion(name: string): string {
  const code = `from importlib.metadata import version; print(version("${name}"))`
  return execFileSync(join(venv, 'bin/python'), ['-c', code], { encoding: 'utf8' }).trim()
}
