/** The time by a clock that no test moves. */
export function trueTime(): number {
  return performance.timeOrigin + performance.now()
}
