import { StoreError } from './errors.ts'

interface Rule {
  readonly ignores: boolean
  readonly pattern: RegExp
}

/**
 * The rules of a `.prefectignore` file as Prefect's `filter_files` reads them (pathspec 1.1, `GitIgnoreSpec`): those
 * of `.gitignore`, except that `!` brings back files below an ignored folder too. Gives a function that says whether
 * a path, relative to the folder and with `/`, is ignored. Refuses a rule that is none with `INVALID_ARGUMENT`.
 */
export function parseIgnoreRules(text: string, source: string): (path: string) => boolean {
  const rules: Rule[] = []
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    try {
      const rule = parseRule(line)
      if (rule !== undefined) rules.unshift(rule)
    } catch (error) {
      const message = `${source}, line ${index + 1} is not an ignore rule: ${JSON.stringify(line)}`
      throw new StoreError(message, { code: 'INVALID_ARGUMENT', cause: error })
    }
  }
  return (path) => {
    let byFolder: boolean | undefined
    // The last rule that matches decides; one that only matches a folder above gives way to any that matches by name.
    for (const { ignores, pattern } of rules) {
      const match = pattern.exec(path)
      if (match === null) continue
      if (match.groups?.['folder'] === undefined) return ignores
      byFolder ??= ignores
    }
    return byFolder ?? false
  }
}

const folder = '(?<folder>/)'

/** Undefined for a blank line, a comment, and a rule that git discards. */
function parseRule(line: string): Rule | undefined {
  const rule = line.endsWith('\\ ') ? line : stripEnd(line)
  if (rule === '' || rule === '/' || rule.startsWith('#')) return undefined
  const ignores = !rule.startsWith('!')
  const source = toPattern(ignores ? rule : rule.slice(1))
  return source === undefined ? undefined : { ignores, pattern: new RegExp(source, 'u') }
}

function toPattern(rule: string): string | undefined {
  const segments = rule.split('/')
  const isFolder = segments.at(-1) === ''
  if (segments[0] === '') segments.shift()
  else if ((segments.length === 1 || (segments.length === 2 && isFolder)) && segments[0] !== '**') {
    segments.unshift('**')
  }
  if (segments.length === 0) throw new Error('it is empty')
  if (segments.at(-1) === '') segments[segments.length - 1] = '**'
  const parts = segments.filter((part, index) => part !== '**' || segments[index - 1] !== '**')

  const whole = parts.join('/')
  if (whole === '**') return isFolder ? folder : '[^\\n]'
  if (whole === '**/*') return '[^\\n]'
  if (whole === '**/*/**') return isFolder ? folder : '/'

  let source = ''
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1
    if (part === '**') {
      if (index === 0) source += '^(?:[^\\n]+/)?'
      else if (!isLast) source += '(?:/[^\\n]+)?'
      else source += isFolder ? folder : '/'
      continue
    }
    const glob = part === '*' ? '[^/]+' : globToPattern(part)
    if (glob === undefined) return undefined
    const afterFolder = index > 0 && !(index === 1 && parts[0] === '**')
    source += `${index === 0 ? '^' : ''}${afterFolder ? '/' : ''}${glob}`
    if (isLast) source += `(?:${folder}|(?=\\n?$))`
  }
  return source
}

/** One segment with `*`, `?` and `[…]`; undefined when a bracket is not closed, which makes git discard the rule. */
function globToPattern(glob: string): string | undefined {
  const bracket = /^\[([!^]?)(.[^\]]*)\]/su
  let source = ''
  for (let rest = glob; rest !== '';) {
    const [character = ''] = rest
    let length = character.length
    if (character === '\\') {
      const [escaped] = rest.slice(1)
      if (escaped === undefined) throw new Error('nothing follows its last backslash')
      source += quote(escaped)
      length += escaped.length
    } else if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '[') {
      const found = bracket.exec(rest)
      if (found === null) return undefined
      const [all, not, set = ''] = found
      source += `[${not === '' ? '' : '^'}${set.replaceAll(/[\\\][^]/g, String.raw`\$&`)}]`
      length = all.length
    } else source += quote(character)
    rest = rest.slice(length)
  }
  return source
}

/** Python's `str.rstrip()`. */
function stripEnd(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

function isSpace(code: number): boolean {
  if ((code >= 0x1c && code <= 0x1f) || code === 0x85) return true
  return code !== 0xfeff && String.fromCharCode(code).trim() === ''
}

function quote(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`)
}
