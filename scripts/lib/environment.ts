import { join } from 'node:path'
import { root } from './prefect-server.ts'

/** One Prefect environment of the project: its own server, database, port and data. */
export interface Environment {
  name: string
  home: string
  dataDirectory: string
  port: number
  apiUrl: string
  stateFile: string
}

const defaultPorts: Record<string, number> = { dev: 4240, main: 4241 }

/** Resolves an environment by name, `PREFECT_TS_ENV` or `dev`; `PREFECT_TS_PORT` overrides its port. */
export function resolveEnvironment(
  name: string = process.env['PREFECT_TS_ENV'] || 'dev',
): Environment {
  if (!/^[a-z0-9-]+$/.test(name)) {
    throw new Error(`"${name}" is not an environment: use lower-case letters, digits and "-".`)
  }
  const port = Number(process.env['PREFECT_TS_PORT'] || defaultPorts[name] || 4242)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`PREFECT_TS_PORT "${process.env['PREFECT_TS_PORT']}" is not a port number.`)
  }
  const home = join(root, '.prefect', name)
  return {
    name,
    home,
    dataDirectory: join(root, '.data', name),
    port,
    apiUrl: `http://127.0.0.1:${port}/api`,
    stateFile: join(home, 'server.json'),
  }
}
