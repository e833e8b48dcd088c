import { createDataset } from '@prefect-ts/dataset'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const day = '2013-01-01'
export const header =
  'year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,' +
  'origin,dest,air_time,distance,hour,minute,time_hour'
export const flight =
  '2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z'

const good = { flights: [header, flight, flight], airlines: ['carrier,name', 'UA,United'] }

/** The path of a day's dataset below the base path. */
export function pathOf(name: string): string {
  return createDataset({ name, format: 'csv', rundate: day, rundateType: 'specific' }).path
}

/** The paths of {@link writeInputs}, sorted. */
export const inputPaths: readonly string[] = [pathOf('airlines'), pathOf('flights')]

/** Writes the job's inputs below `basePath`, with the given lines in place of good ones. */
export function writeInputs(
  basePath: string,
  lines: Partial<Record<keyof typeof good, readonly string[]>> = {},
): void {
  for (const [name, text] of Object.entries({ ...good, ...lines })) {
    const file = join(basePath, pathOf(name))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text.map((line) => `${line}\n`).join(''))
  }
}
