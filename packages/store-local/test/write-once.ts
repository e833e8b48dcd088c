// One operation of a store, done when told to, so that strace sees nothing else. Says what became of it, as JSON.
import { once } from 'node:events'
import { writevSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { downloadDirectory, isStoreError } from '@prefect-ts/store'
import { createLocalStore } from '@prefect-ts/store-local'
import { temporaryName } from '../../store/src/temporary-name.ts'

const [folder = '', operation = '', size = '0', content = '1'] = process.argv.slice(2)
const bytes = Buffer.alloc(Number(size), Number(content))

async function perform(base: string): Promise<unknown> {
  const store = createLocalStore({ basepath: base })
  switch (operation) {
    case 'put':
      return await store.put('k', bytes)
    case 'put ifAbsent':
      return await store.put('new', bytes, { ifAbsent: true })
    case 'put in new folders':
      return await store.put('a/b/k', bytes)
    case 'copy':
      return await store.copy('k', 'copied')
    case 'download':
      return await store.download('k', `${base}/downloaded`)
    case 'download a directory':
      return await downloadDirectory(store, 'dir', `${base}/files`)
    case 'delete':
      return await store.delete('k')
    default:
      throw new Error(`no operation ${operation}`)
  }
}

const outcomeOf = (work: Promise<unknown>): Promise<{ code: string; message: string }> =>
  work.then(
    () => ({ code: 'done', message: '' }),
    (error: unknown) => ({
      code: isStoreError(error) ? error.code : 'not a StoreError',
      message: String(error),
    }),
  )

// Loads all that the operation needs.
const rehearsal = createLocalStore({ basepath: `${folder}.rehearsal` })
await rehearsal.put('k', bytes)
await rehearsal.put('dir/x', bytes)
await perform(`${folder}.rehearsal`)

const targets: Readonly<Record<string, string>> = {
  put: 'k',
  'put ifAbsent': 'new',
  'put in new folders': 'a/b/k',
  copy: 'copied',
  download: 'downloaded',
  'download a directory': 'files/x',
  delete: 'k',
}
const target = join(folder, targets[operation] ?? '')
// strace must know the temporary file beforehand: names of one process are counted.
const before = temporaryName(basename(target))
const next = before.replace(/[0-9a-f]{8}(?=\.prefect-ts-tmp$)/, (count) =>
  ((Number.parseInt(count, 16) + 1) >>> 0).toString(16).padStart(8, '0'),
)
const temporary = join(dirname(target), next)
process.stdout.write(JSON.stringify({ target, temporary }))
await once(process.stdin, 'data')
const outcome = await outcomeOf(perform(folder))
// Not `write`, which strace may have been told to break.
writevSync(1, [Buffer.from(JSON.stringify(outcome))])
process.exit()
