import type * as Api from '@prefect-ts/api'
import { createRequire } from 'node:module'

let loaded: typeof Api | undefined
let loading: Promise<typeof Api> | undefined

/** `@prefect-ts/api`, loaded while the job already works: it would be a third of the job's start. */
export function loadApi(): Promise<typeof Api> {
  return (loading ??= import('@prefect-ts/api').then((module) => (loaded = module)))
}

/** The same at once, for code that cannot wait. */
export function requireApi(): typeof Api {
  return (loaded ??= createRequire(import.meta.url)('@prefect-ts/api') as typeof Api)
}
