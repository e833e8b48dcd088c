// A job for tests in containers, mounted into the image of apps/etl-job. What it does comes from its params.
import { runJob } from '@prefect-ts/run'
import { s3Adapter } from '@prefect-ts/store-s3'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const writes = (path) => {
  try {
    writeFileSync(path, '')
    return true
  } catch {
    return false
  }
}

function tell(name, text) {
  writeFileSync(`/out/${name}.tmp`, text)
  renameSync(`/out/${name}.tmp`, `/out/${name}`)
}

await runJob({ resultStorage: { adapters: [s3Adapter] } }, async (run) => {
  const what = run.params.what ?? process.env.WHAT
  switch (what) {
    case 'who':
      return {
        pid: process.pid,
        uid: process.getuid(),
        writes: ['/app/dist/main.js', '/usr/local/bin/node', '/tmp/x'].filter(writes),
        shell: existsSync('/bin/sh'),
      }
    case 'large':
      return 'x'.repeat(50_000)
    case 'silent':
      console.log('going without a word')
      return process.exit(3)
    case 'down':
      throw Object.assign(new Error('the source is down'), { code: 'DOWN', retryable: true })
    case 'wait':
      process.on('exit', (code) => tell('exit', `${run.signal.reason?.code} ${code}`))
      tell('running', '')
      return sleep(60_000, undefined, { signal: run.signal })
    default:
      throw new Error(`no ${what}`)
  }
})
