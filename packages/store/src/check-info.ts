/**
 * Gives what a driver says of an object, when it can be so. A size that is none would pass every later check of a
 * length, and without etags two versions look the same.
 */
export function checkInfo<
  Info extends {
    readonly size: number
    readonly etag: string
    readonly lastModified?: Date | undefined
  },
>(info: Info): Info {
  const { size, etag, lastModified } = info
  if (!(Number.isSafeInteger(size) && size >= 0)) throw new Error('the backend gave no size of it')
  if (typeof etag !== 'string' || etag === '') throw new Error('the backend gave no etag of it')
  if (Number.isNaN(lastModified?.getTime())) throw new Error('the backend gave no time of it')
  return info
}
