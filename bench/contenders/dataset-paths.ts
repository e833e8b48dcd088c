import { createDataset } from '@prefect-ts/dataset'

for (const partitions of [undefined, { origin: 'JFK', month: 1 }]) {
  const seconds: number[] = []
  for (let round = 0; round < 7; round += 1) {
    const start = performance.now()
    for (let count = 0; count < 500_000; count += 1) {
      const rundate = `2013-01-0${1 + (count % 9)}`
      createDataset({ name: 'flights', format: 'csv', rundate, today: '2023-07-24', partitions })
    }
    seconds.push((performance.now() - start) / 1000)
  }
  const median = seconds.toSorted((a, b) => a - b)[3] ?? Number.NaN
  const keys = Object.keys(partitions ?? {}).length
  console.log(
    `createDataset, ${keys} partition keys: ${(0.5 / median).toFixed(2)} million a second`,
  )
}
