import { expect, it } from 'vitest'
import { openRun } from '../src/open-run.ts'

const reference = 'local-file-system/data'
const env = {
  PREFECT_TS_BLOCK_LOCAL_FILE_SYSTEM__DATA: '{"basepath": "/from/variable"}',
  // Nothing answers there: none of these blocks comes from a server.
  PREFECT_API_URL: 'http://127.0.0.1:9/api',
}

async function basepath(options: Parameters<typeof openRun>[0]): Promise<string | null> {
  const run = await openRun({ env, argv: [], ...options })
  try {
    return (await run.loadBlock('local-file-system/data')).data.basepath
  } finally {
    await run[Symbol.asyncDispose]()
  }
}

it('takes blocks from --blocks, then options, then variables, without a server', async () => {
  const blocks = { [reference]: { basepath: '/from/options' } }
  const argv = ['--blocks', JSON.stringify({ [reference]: { basepath: '/from/argv' } })]
  expect(await basepath({ argv, blocks })).toBe('/from/argv')
  expect(await basepath({ blocks })).toBe('/from/options')
  expect(await basepath({})).toBe('/from/variable')
})
