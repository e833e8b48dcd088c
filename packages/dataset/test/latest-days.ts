import { type Dataset, createDataset } from '../src/index.ts'

/** The nth day from 2000-01-01. */
export function dayOf(index: number): string {
  return new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10)
}

/** The day that one of several writers writes at its nth update: forward, but every second step goes back. */
export function dayAt(update: number, writer: number, writers: number): string {
  return dayOf((update ^ 1) * writers + writer)
}

/** The dataset of that day, which counts as today. */
export function datasetOf(day: string): Dataset {
  return createDataset({ name: 'race', format: 'csv', rundate: day, today: day })
}

/** A content that says of which day it is, in several chunks. */
export function contentOf(day: string): string {
  return `${day}\n`.repeat(20_000)
}
