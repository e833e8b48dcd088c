/** The title that stands on the terminal without a line end yet. */
let open = false

/** Runs one step of a task and says how long it took: on a terminal while it runs, elsewhere when it is done. */
export async function step<Result>(
  title: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  const { isTTY } = process.stderr
  const clear = isTTY ? '\r\u001B[K' : ''
  if (isTTY) process.stderr.write(`${clear}• ${title} …`)
  open = isTTY
  const start = Date.now()
  try {
    const result = await work()
    const seconds = ((Date.now() - start) / 1000).toFixed(1)
    process.stderr.write(`${clear}• ${title} (${seconds} s)\n`)
    open = false
    return result
  } catch (error) {
    if (open) process.stderr.write('\n')
    open = false
    throw error
  }
}
