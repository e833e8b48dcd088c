import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('neither import nor a new store loads the SDK', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ resolve(name, context, next) { seen.push(name); return next(name, context) } })
    const { createS3Store } = await import('@prefect-ts/store-s3')
    const store = createS3Store({ bucket: 'b', endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } })
    const before = seen.filter((name) => /aws-sdk|smithy/.test(name)).length
    await store.head('k').catch(() => undefined)
    const after = seen.filter((name) => /aws-sdk|smithy/.test(name)).length
    console.log(JSON.stringify([before, after > 0]))`
  const args = ['-C', '@prefect-ts/source', '--input-type=module', '-e', script]
  const output = execFileSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  })
  expect(JSON.parse(output)).toEqual([0, true])
})
