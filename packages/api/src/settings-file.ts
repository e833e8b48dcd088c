import { ApiError } from './errors.ts'
import { loadToml } from './lazy.ts'

/** Text of a file without its byte order mark; `undefined` when there is no such file. */
export function readSettingsFile(file: string): string | undefined {
  // Not imported: the facades that Node makes for imports cost 2 ms of every start.
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const { isUtf8 } = process.getBuiltinModule('node:buffer')
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A folder called .env is somebody's virtual environment.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw new ApiError(`Cannot read the settings file ${file}: ${code}`, {
      code: 'INVALID_SETTING',
      cause: error,
    })
  }
  if (!isUtf8(bytes)) throw new ApiError(`${file} is not UTF-8 text`, { code: 'INVALID_SETTING' })
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** What a TOML file holds; `undefined` when there is no such file. */
export function readTomlFile(file: string): Record<string, unknown> | undefined {
  const text = readSettingsFile(file)
  if (text === undefined) return undefined
  const { parse, TomlError } = loadToml()
  try {
    return parse(text)
  } catch (error) {
    // The parser's message quotes the lines, which may hold a key: neither message nor cause passes it on.
    const line = error instanceof TomlError ? ` in line ${error.line}, column ${error.column}` : ''
    throw new ApiError(`${file} is not valid TOML${line}`, { code: 'INVALID_SETTING' })
  }
}

/** The value, when it is a TOML table or a JSON object. */
export function tableOf(value: unknown): Record<string, unknown> | undefined {
  const isTable =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  return isTable ? (value as Record<string, unknown>) : undefined
}

/** The field of a table, without those that every object inherits. */
export function fieldOf(table: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
