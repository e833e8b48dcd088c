/** Runs one step of a task and says how long it took: on a terminal while it runs, elsewhere when it is done. */
export async function step<Result>(
  title: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  const { isTTY } = process.stderr
  if (isTTY) process.stderr.write(`• ${title} …`)
  const start = Date.now()
  try {
    const result = await work()
    const seconds = ((Date.now() - start) / 1000).toFixed(1)
    process.stderr.write(`${isTTY ? '\r\u001B[K' : ''}• ${title} (${seconds} s)\n`)
    return result
  } catch (error) {
    if (isTTY) process.stderr.write('\n')
    throw error
  }
}
