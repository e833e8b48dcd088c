import { readFileSync } from 'node:fs'
import type { BlockDocument } from '../src/index.ts'

/** A document as a real Prefect 3.8.8 server answered it: `fixtures/<name>.json`. */
export function fixture(name: string): BlockDocument {
  const file = new URL(`fixtures/${name}.json`, import.meta.url)
  const document: BlockDocument = JSON.parse(readFileSync(file, 'utf8'))
  return document
}
