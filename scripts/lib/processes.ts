import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, readlinkSync } from 'node:fs'

/** A process, as far as people need it. */
export interface RunningProcess {
  pid: number
  command: string
}

/** The command line of a process, undefined when it is gone. */
export function readCommand(pid: number): string | undefined {
  if (process.platform === 'linux') return readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim()
  const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return ps.stdout.trim() || undefined
}

/** Whether a process runs with this variable in its environment; where that can't be seen, whether it runs. */
export function hasVariable(pid: number, name: string, value: string): boolean {
  if (process.platform !== 'linux') return readCommand(pid) !== undefined
  return readProc(pid, 'environ')?.split('\0').includes(`${name}=${value}`) ?? false
}

/** Who listens on a TCP port of this machine, undefined when nobody does or it can't be seen. */
export function portOwner(port: number): RunningProcess | undefined {
  const pid = process.platform === 'linux' ? ownerByProc(port) : ownerByLsof(port)
  return pid === undefined ? undefined : { pid, command: readCommand(pid) ?? 'unknown' }
}

function ownerByProc(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const listening = '0A'
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readText(table)?.split('\n').slice(1) ?? []) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (state === listening && local?.endsWith(`:${hex}`) && inode) inodes.add(inode)
    }
  }
  if (inodes.size === 0) return undefined
  for (const path of globSync('/proc/[0-9]*/fd/*')) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(path) ?? '')?.[1]
    if (inode !== undefined && inodes.has(inode)) return Number(path.split('/')[2])
  }
  return undefined
}

function ownerByLsof(port: number): number | undefined {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']
  const pid = Number(spawnSync('lsof', args, { encoding: 'utf8' }).stdout?.split('\n')[0])
  return pid > 0 ? pid : undefined
}

function readProc(pid: number, file: string): string | undefined {
  return readText(`/proc/${pid}/${file}`)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
