/** One column of each type. */
export const oneOfEach = {
  s: 'string',
  i: 'integer',
  d: 'double',
  o: 'boolean',
  y: 'date',
  t: 'timestamp',
} as const
