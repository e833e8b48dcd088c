import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { venv } from '../../../scripts/lib/prefect-server.ts'

const root = join(import.meta.dirname, '../../..')
const folder = join(import.meta.dirname, '../.fences')

interface Fence {
  readme: string
  file: string
  code: string
}

/** Every fence of that language of every README and guide, as a module of its own. */
function extractFences(language: 'ts' | 'python'): Fence[] {
  const readmes = globSync('{{,packages/*/,apps/*/,python/*/}README.md,docs/*.md}', {
    cwd: root,
  }).toSorted()
  return readmes.flatMap((readme) => {
    const text = readFileSync(join(root, readme), 'utf8')
    const fences = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))
    const name = readme.replaceAll(/[^a-z]+/gi, '-')
    return [...fences].map(([, code = ''], index) =>
      language === 'ts'
        ? { readme, file: `${name}-${index + 1}.ts`, code: `${code}\nexport {}\n` }
        : { readme, file: `${name}-${index + 1}.py`, code },
    )
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
  const fences = extractFences('ts')
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

/** What is wrong with names in Python: those that nothing defines, and imports of our and Prefect's that are not there. */
function checkPython(fences: { file: string; code: string }[]): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, code } of fences) writeFileSync(join(folder, file), code)
  const ruff = spawnSync(
    join(venv, 'bin/ruff'),
    ['check', '--no-cache', '--isolated', '--select=F', '--output-format=concise', '--quiet', '.'],
    { cwd: folder, encoding: 'utf8' },
  )
  rmSync(folder, { recursive: true, force: true })
  const imports = fences.flatMap(
    ({ code }) => code.match(/^(?:from|import) (?:prefect|pydantic)[^(\n]*(?:\([^)]*\))?$/gm) ?? [],
  )
  const script = [...new Set(imports)].join('\n')
  const python = spawnSync(join(venv, 'bin/python'), ['-c', script], { encoding: 'utf8' })
  return ruff.stdout + ruff.stderr + python.stderr
}

it('knows every name in the Python of every README', () => {
  const fences = extractFences('python')
  const readmes = fences.map((fence) => fence.readme)
  for (const readme of ['README.md', 'python/prefect-ts/README.md', 'docs/containers.md']) {
    expect(readmes).toContain(readme)
  }
  expect(checkPython(fences)).toBe('')
  expect(checkPython([{ file: 'bad.py', code: 'absent()\n' }])).toContain('Undefined name `absent`')
  const bad = 'from prefect_ts import absent\nabsent()\n'
  expect(checkPython([{ file: 'bad.py', code: bad }])).toContain("cannot import name 'absent'")
})
