import type { Client } from './client.ts'
import { isApiError } from './errors.ts'
import type { Schemas } from './schemas.ts'
import type { NameOf, VariableValues } from './workspace.ts'

/** What a Prefect variable can hold: JSON. */
export type VariableValue = Schemas['Variable']['value']

/** Options of the calls for variables. */
export interface VariableOptions {
  /** Ends the call, which rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options of `setVariable`. */
export interface SetVariableOptions extends VariableOptions {
  /** Tags of the variable. @default those that it has */
  tags?: readonly string[] | undefined
}

/** The value of a variable; `undefined` when there is none of this name. */
export async function getVariable<const Name extends NameOf<VariableValues>>(
  client: Client,
  name: Name,
  options?: VariableOptions,
): Promise<(Name extends keyof VariableValues ? VariableValues[Name] : VariableValue) | undefined>
export async function getVariable(
  client: Client,
  name: string,
  { signal }: VariableOptions = {},
): Promise<VariableValue | undefined> {
  const variable = await unlessMissing(
    client.get('/variables/name/{name}', { path: { name }, signal }),
  )
  return variable?.value
}

/**
 * Sets a variable, new or not. Names have `a-z`, `0-9`, `_` and `-`; the value takes at most 5,000 bytes of
 * JSON: else the call rejects with code `INVALID_REQUEST`.
 */
export async function setVariable(
  client: Client,
  name: string,
  value: VariableValue,
  { tags, signal }: SetVariableOptions = {},
): Promise<void> {
  const body = { value, tags: tags === undefined ? undefined : [...tags] }
  const update = async (): Promise<boolean> => {
    const done = client
      .patch('/variables/name/{name}', { path: { name }, body, signal })
      .then(() => true)
    return (await unlessMissing(done)) ?? false
  }
  if (await update()) return
  try {
    await client.post('/variables/', { body: { name, ...body }, signal })
  } catch (error) {
    // Another process created it meanwhile.
    if (!isApiError(error, 'CONFLICT') || !(await update())) throw error
  }
}

/** Deletes a variable; there may be none of this name. */
export async function deleteVariable(
  client: Client,
  name: string,
  { signal }: VariableOptions = {},
): Promise<void> {
  await unlessMissing(client.delete('/variables/name/{name}', { path: { name }, signal }))
}

async function unlessMissing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call
  } catch (error) {
    if (isApiError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}
