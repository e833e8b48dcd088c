// Loads the same document again and again in one process, by fetch and by loadBlock in turn.
import { createClient } from '@prefect-ts/api'
import { loadBlock } from '@prefect-ts/blocks'

const client = createClient()
const url = `${process.env['PREFECT_API_URL']}/block_types/slug/s3-bucket/block_documents/name/bench?include_secrets=true`
const times = { fetch: [] as number[], loadBlock: [] as number[] }

for (let round = 0; round < 300; round++) {
  let start = performance.now()
  await (await fetch(url)).json()
  times.fetch.push(performance.now() - start)
  start = performance.now()
  await loadBlock('s3-bucket/bench', { client })
  times.loadBlock.push(performance.now() - start)
}
await client.close()

/** Without the first rounds, which still load and compile. */
function median(values: number[]): number {
  const sorted = values.slice(20).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
const [byFetch, byLoad] = [median(times.fetch), median(times.loadBlock)]
console.log(
  `Further loads in the same process, median ms: fetch ${byFetch.toFixed(2)}, ` +
    `loadBlock ${byLoad.toFixed(2)} (${(byLoad / byFetch).toFixed(2)} x)`,
)
