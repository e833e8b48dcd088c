/** How often to repeat something: a few times in `just test`, `full` times in `just trials`. */
export function trials(few: number, full: number): number {
  return process.env['PREFECT_TS_TRIALS'] === 'full' ? full : few
}
