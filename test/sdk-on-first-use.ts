import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** That neither the import of a package of stores nor a new store loads what is heavy, and its first call does. */
export function testSdkOnFirstUse(options: {
  /** The package's folder. */
  folder: string
  /** Code that makes `store`. */
  script: string
  /** The modules that are heavy. */
  heavy: RegExp
  env?: NodeJS.ProcessEnv
}): void {
  const { folder, script, heavy, env = process.env } = options

  it('neither import nor a new store loads the SDK', () => {
    const code = `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ resolve(name, context, next) { seen.push(name); return next(name, context) } })
      ${script}
      const before = seen.filter((name) => ${heavy}.test(name)).length
      await store.head('k').catch(() => undefined)
      const after = seen.filter((name) => ${heavy}.test(name)).length
      console.log(JSON.stringify([before, after > 0]))`
    const args = ['-C', '@prefect-ts/source', '--input-type=module', '-e', code]
    const output = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env })
    expect(JSON.parse(output)).toEqual([0, true])
  })
}
