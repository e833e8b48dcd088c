import { lookup as lookUp } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { StoreError } from './errors.ts'

const metadata = new BlockList()
metadata.addSubnet('fe80::', 10, 'ipv6')
// Of AWS: instance metadata, and the credentials of EKS pods.
metadata.addSubnet('fd00:ec2::', 32, 'ipv6')
metadata.addAddress('fd20:ce::254', 'ipv6')
// Link-local ones, and those of Alibaba, Oracle and Azure.
for (const [address, bits] of [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['168.63.129.16', 32],
] as const) {
  metadata.addSubnet(address, bits)
  // Forms in IPv6 that are not mapped ones, which a BlockList knows: compatible, NAT64, 6to4.
  const hex = Buffer.from(address.split('.').map(Number)).toString('hex')
  const words = `${hex.slice(0, 4)}:${hex.slice(4)}`
  metadata.addSubnet(`::${words}`, 96 + bits, 'ipv6')
  metadata.addSubnet(`64:ff9b::${words}`, 96 + bits, 'ipv6')
  metadata.addSubnet(`2002:${words}::`, 16 + bits, 'ipv6')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

const metadataNames = /^(metadata|metadata\.google\.internal|instance-data(\.ec2\.internal)?)\.?$/i
const warned = new Set<string>()

/**
 * Reads an endpoint that a block or the environment names. Refuses, with `INVALID_CONFIG`, what is no http(s) URL, one
 * with credentials in it, and link-local and cloud metadata addresses, from which a job's machine hands out its own
 * credentials. Private hosts stay allowed. Plain http beyond this machine gives a process warning, once.
 */
export function checkEndpoint(text: string, from: string): URL {
  let url
  try {
    url = new URL(text)
  } catch {
    throw refuse(from, 'is no URL')
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(from, 'is not http(s)')
  if (url.username !== '' || url.password !== '') throw refuse(from, 'holds credentials')
  if (isMetadataHost(url.hostname)) {
    throw refuse(from, `leads to ${url.hostname}, a link-local or metadata address`)
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !warned.has(url.host)) {
    warned.add(url.host)
    process.emitWarning(
      `The ${from} is plain http to ${url.host}: what is sent can be read on its way`,
      {
        code: 'PREFECT_TS_PLAIN_HTTP',
      },
    )
  }
  return url
}

/**
 * For the `lookup` option of a connection: the system's own look-up, but a name that leads to a link-local or metadata
 * address is an error.
 */
export const lookupUnlessMetadata: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, options, (error, address, family) => {
    const found =
      typeof address === 'string' ? [address] : (address ?? []).map((one) => one.address)
    const bad = error === null ? found.find(isMetadataAddress) : undefined
    if (bad === undefined) callback(error, address, family)
    else
      callback(refuse(`host ${hostname}`, `leads to ${bad}, a link-local or metadata address`), '')
  })
}

/**
 * Rejects with `INVALID_CONFIG` when the host's name leads to such an address now: for connections that are others' and
 * take no `lookup`.
 */
export async function refuseMetadataHost({ hostname }: URL): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    lookupUnlessMetadata(bare(hostname), { all: true }, (error) => {
      if (error instanceof StoreError) reject(error)
      // That it can't be found is for the connection to say.
      else resolve()
    })
  })
}

function isMetadataHost(hostname: string): boolean {
  const host = bare(hostname)
  return metadataNames.test(host) || isMetadataAddress(host)
}

function isMetadataAddress(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && metadata.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

function isLoopback(hostname: string): boolean {
  const host = bare(hostname)
  const version = isIP(host)
  if (version === 0) return /^(.+\.)?localhost\.?$/i.test(host)
  return loopback.check(host, version === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv6 address without the brackets it has in a URL. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function refuse(from: string, reason: string): StoreError {
  return new StoreError(`The ${from} ${reason}`, { code: 'INVALID_CONFIG' })
}
