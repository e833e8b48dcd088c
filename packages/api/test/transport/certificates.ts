import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key and a certificate as PEM, and the file of the certificate. */
export interface Certificate {
  key: string
  cert: string
  file: string
}

export interface Authority extends Certificate {
  /** Another certificate that this one signs. */
  sign(options?: { host?: string; days?: number; isAuthority?: boolean }): Authority
}

/** A certificate authority of the test's own, made by the `openssl` command; `remove` deletes its files. */
export function createAuthority(name: string): Authority & { remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'prefect-ts-tls-'))
  let count = 0
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const authorityUse = 'basicConstraints=critical,CA:TRUE'

  function certificateAt(base: string): Authority {
    const file = join(folder, `${base}.crt`)
    return {
      key: readFileSync(join(folder, `${base}.key`), 'utf8'),
      cert: readFileSync(file, 'utf8'),
      file,
      sign({ host = 'DNS:localhost,IP:127.0.0.1', days = 2, isAuthority = false } = {}) {
        count += 1
        const next = `signed-${count}`
        const use = isAuthority ? authorityUse : 'basicConstraints=CA:FALSE'
        const subject = ['-subj', `/CN=${name} ${count}`]
        writeFileSync(join(folder, `${next}.ext`), `subjectAltName=${host}\n${use}\n`)
        openssl('req', ...newKey, '-keyout', `${next}.key`, '-out', `${next}.csr`, ...subject)
        const signer = ['-CA', `${base}.crt`, '-CAkey', `${base}.key`, '-CAcreateserial']
        const files = ['-in', `${next}.csr`, '-out', `${next}.crt`, '-extfile', `${next}.ext`]
        openssl('x509', '-req', ...files, ...signer, '-days', String(days))
        return certificateAt(next)
      },
    }
  }

  const root = ['-x509', '-keyout', 'root.key', '-out', 'root.crt', '-days', '2']
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  openssl('req', ...newKey, ...root, ...names)
  return {
    ...certificateAt('root'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
