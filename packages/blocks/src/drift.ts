import type { Block } from './block.ts'
import type { DescribeDriftOptions, Drift, DriftReport } from './describe-drift.ts'
import type { BlockDocument, BlockObject } from './document.ts'
import { blockLabel, isFields } from './document.ts'
import { fieldWords } from './field-words.ts'
import { typeNotFound } from './not-found.ts'
import { blockSource } from './parse-block.ts'
import { misfits } from './schema-misfits.ts'
import { schemaFields } from './schema-fields.ts'
import { findBlockType, newestSchema } from './server-types.ts'
import { knownFields } from './types/known-fields.ts'

/** See {@link DriftReport}. */
export async function describeDrift(
  block: Block | BlockDocument | BlockObject,
  options: DescribeDriftOptions,
): Promise<DriftReport> {
  const { type, name, data } = blockSource(block)
  const label = blockLabel(type, name)
  const blockType = await findBlockType(type, options)
  const schema = blockType && (await newestSchema(blockType.id, options))
  if (schema === undefined) throw await typeNotFound(type, options, label)
  const fields = schemaFields(type, isFields(schema.fields) ? schema.fields : {})
  const known = Object.hasOwn(knownFields, type) ? knownFields[type] : undefined
  const ofType = known === undefined ? [] : typeDrifts(fieldWords(fields), known.fields)
  const reported = new Set(ofType.map(({ field }) => field))
  const ofBlock = misfits(data, fields).filter(({ field }) => !reported.has(field))
  const drifts = [...ofType, ...ofBlock]
  const serverVersion = schema.version ?? 'non-versioned'
  const report = { block: label, serverVersion, knownVersion: known?.version, drifts }
  return { ...report, text: reportText(report) }
}

function typeDrifts(
  server: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): Drift[] {
  const paths = [...new Set([...Object.keys(server), ...Object.keys(known)])]
  return paths
    .map((field) => ({
      of: 'type' as const,
      field,
      expected: server[field] ?? 'nothing',
      found: known[field] ?? 'nothing',
    }))
    .filter(({ expected, found }) => expected !== found)
}

function reportText(report: Omit<DriftReport, 'text'>): string {
  const { block, serverVersion, knownVersion, drifts } = report
  const versions =
    `the server's schema (${serverVersion})` +
    (knownVersion === undefined ? '' : `, this package's type is of ${knownVersion}`)
  if (drifts.length === 0) return `Block "${block}" is as it should be: ${versions}.`
  const lines = drifts.map(({ of, field, expected, found }) => {
    const subject = of === 'type' ? 'this package knows' : 'the block has'
    return `  ${field}: the server says ${expected}; ${subject} ${found}`
  })
  return [`Block "${block}" differs from ${versions}:`, ...lines].join('\n')
}
