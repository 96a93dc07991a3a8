import { ModelBehind, type Reader } from './ask.ts'

/**
 * Waits until a model has reached a position (the consistency token of a command's answer). Throws `ModelBehind` after
 * `timeoutMs`. Looks at short intervals: the engine may run in another process.
 */
export async function waitForPosition(
  reader: Reader,
  model: string,
  position: bigint,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (let interval = 2; ; interval = Math.min(interval * 2, 50)) {
    const reached = await reader.position()
    if (reached >= position) return
    if (performance.now() + interval > deadline) throw new ModelBehind(model, reached)
    await new Promise((resolve) => setTimeout(resolve, interval))
  }
}
