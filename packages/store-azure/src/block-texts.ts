import { StoreError } from '@prefect-ts/store'
import type { BlockLike } from '@prefect-ts/store'
import { blockFields, refuseBlock, reveal } from '@prefect-ts/store/adapter'
import type { AzureCredential } from './connection.ts'

/** The three fields of a service principal: all of them or none. */
export function principalOf(
  block: BlockLike,
  texts: Partial<Record<'client_id' | 'tenant_id' | 'client_secret', string>>,
  where: string,
): AzureCredential | undefined {
  const { client_id: clientId, tenant_id: tenantId, client_secret: clientSecret } = texts
  const missing = (['client_id', 'tenant_id', 'client_secret'] as const).filter(
    (name) => texts[name] === undefined,
  )
  if (missing.length === 3) return undefined
  if (clientId === undefined || tenantId === undefined || clientSecret === undefined) {
    throw refuseBlock(
      block,
      `its ${where} lack ${missing.join(' and ')}: a service principal needs client_id, tenant_id and client_secret`,
    )
  }
  return { kind: 'service-principal', tenantId, clientId, clientSecret }
}

/** Fields that must be texts; an empty one counts as none. */
export function textFields<Name extends string>(
  block: BlockLike,
  value: unknown,
  where: string,
  known: readonly Name[],
): Partial<Record<Name, string>> {
  const fields = blockFields(block, value, where, known)
  const texts: Partial<Record<Name, string>> = {}
  for (const name of known) {
    const text = reveal(fields[name])
    if (text === undefined || text === '') continue
    if (typeof text !== 'string') throw refuseBlock(block, `${name} of ${where} is no text`)
    texts[name] = text
  }
  return texts
}

/** Says in which block an account is that can't be one. */
export function inBlock<T>(block: BlockLike, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof StoreError ? refuseBlock(block, error.message) : error
  }
}
