import { spawnSync } from 'node:child_process'

export type ContainerEngine = 'docker' | 'podman'

/** Docker where its daemon answers, else Podman. Throws when there is neither. */
export function findContainerEngine(): ContainerEngine {
  if (succeeds('docker', 'version', '--format', '{{.Server.Version}}')) return 'docker'
  if (succeeds('podman', 'version')) return 'podman'
  throw new Error(
    'No container engine: start Docker, or install Podman (on Debian and Ubuntu: apt-get install podman runc).',
  )
}

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0
}
