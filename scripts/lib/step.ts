/** Runs one step of a task and says how long it took: on a terminal while it runs, elsewhere when it is done. */
export async function step<Result>(
  title: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  if (process.stderr.isTTY) process.stderr.write(`• ${title} …`)
  const start = Date.now()
  const result = await work()
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}• ${title} (${seconds} s)\n`)
  return result
}
