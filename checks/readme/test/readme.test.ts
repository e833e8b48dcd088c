import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const folder = join(import.meta.dirname, '../.fences')

/** Every ```ts fence of every README, as a module of its own. */
function extractFences(): { readme: string; file: string; code: string }[] {
  const readmes = globSync('{,packages/*/,apps/*/,python/*/}README.md', { cwd: root }).toSorted()
  return readmes.flatMap((readme) => {
    const text = readFileSync(join(root, readme), 'utf8')
    return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match, index) => ({
      readme,
      file: `${readme.replaceAll(/[^a-z]+/gi, '-')}-${index + 1}.ts`,
      code: `${match[1] ?? ''}\nexport {}\n`,
    }))
  })
}

function compile(fences: { file: string; code: string }[]): {
  status: number | null
  output: string
} {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, code } of fences) writeFileSync(join(folder, file), code)
  const compilerOptions = {
    noEmit: true,
    // As `tsc --init` has it: the DOM's types stand beside Node's, and streams of the two do not fit.
    lib: ['esnext', 'dom', 'dom.iterable'],
    isolatedDeclarations: false,
    declaration: false,
    declarationMap: false,
  }
  const config = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const result = spawnSync('tsc', ['-p', folder], { cwd: root, encoding: 'utf8' })
  rmSync(folder, { recursive: true, force: true })
  return { status: result.status, output: result.stdout + result.stderr }
}

it('compiles the code of every README', () => {
  const fences = extractFences()
  const readmes = new Set(fences.map((fence) => fence.readme))
  for (const name of ['api', 'blocks', 'store', 'store-local', 'store-s3', 'dataset', 'run']) {
    expect(readmes).toContain(`packages/${name}/README.md`)
  }
  expect(compile(fences)).toEqual({ status: 0, output: '' })
})

it('finds a name that does not exist', () => {
  const code = `import { nothing } from '@prefect-ts/store'\n`
  expect(compile([{ file: 'bad.ts', code }]).output).toContain("no exported member 'nothing'")
})
