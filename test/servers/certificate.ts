import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { venv } from '../../scripts/lib/prefect-server.ts'

/** A certificate of a server on 127.0.0.1, signed by itself, and then its key, as PEM. */
export function makeCertificate(): string {
  const script = `
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
now = datetime.datetime.now(datetime.timezone.utc)
cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
  .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
  .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
  .sign(key, hashes.SHA256()))
print(cert.public_bytes(serialization.Encoding.PEM).decode() + key.private_bytes(
  serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
`
  return execFileSync(join(venv, 'bin/python'), ['-c', script], { encoding: 'utf8' })
}
