import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition, looking every few milliseconds; throws with the condition's text when it has not come true in time. */
export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 8_000): Promise<void> {
  const deadline = performance.now() + milliseconds
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in ${milliseconds} ms: ${condition.toString()}`)
    await sleep(5)
  }
}
