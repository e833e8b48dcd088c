import { RunError } from './errors.ts'

/** The floor that `engines` of this package states. */
const floor = [22, 19] as const

/** Throws `UNSUPPORTED_NODE` below the floor, with what to do. */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > floor[0] || (major === floor[0] && minor >= floor[1])) return
  throw new RunError(
    'UNSUPPORTED_NODE',
    `@prefect-ts/run needs Node ${floor.join('.')} or later; this is Node ${version} (${process.execPath}). ` +
      'Install a newer one, or name it: node_operation(..., node="/path/to/node").',
  )
}
