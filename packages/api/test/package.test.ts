import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, inject, test } from 'vitest'

const require = createRequire(import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

test("undici's file that we import is there, in the very version that is pinned", () => {
  expect(manifest.dependencies.undici).toBe(require('undici/package.json').version)
  expect(existsSync(require.resolve('undici/lib/dispatcher/pool.js'))).toBe(true)
})

/** What a fresh process has loaded of node_modules after this code. */
function loadedBy(code: string): string[] {
  const index = new URL('../src/index.ts', import.meta.url).href
  const script = `import { createClient } from '${index}'
    import { createRequire } from 'node:module'
    ${code}
    const loaded = Object.keys(createRequire('${index}').cache)
    console.log(JSON.stringify([...new Set(loaded.map((it) => it.split('node_modules/').at(-1)))]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: '/',
    encoding: 'utf8',
    env: { ...process.env, HOME: '/nowhere', PREFECT_API_URL: inject('prefectApiUrl') },
  })
  return JSON.parse(output) as string[]
}

test('importing and creating a client loads no dependency; a call only the pool of undici', () => {
  expect(loadedBy('createClient()')).toEqual([])
  const afterCall = loadedBy("await createClient().get('/health')")
  expect(afterCall).toContain('undici/lib/dispatcher/pool.js')
  expect(afterCall).not.toContain('undici/index.js')
})

test('a process ends by itself when its client is not closed', () => {
  const index = new URL('../src/index.ts', import.meta.url).href
  const script = `import { createClient } from '${index}'
    await createClient({ apiUrl: '${inject('prefectApiUrl')}' }).get('/health')
    const answered = performance.now()
    process.on('exit', () => console.log(performance.now() - answered))`
  const lingered = execFileSync(process.execPath, ['--input-type=module', '-e', script])
  // An idle connection would hold the process for 4 s.
  expect(Number(lingered)).toBeLessThan(1000)
})
