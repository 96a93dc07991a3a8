/**
 * One worker at a time per stream (design.md §4): what comes in while a batch is at work waits and becomes the next
 * batch. Streams do not wait for each other.
 */
export interface StreamQueue<Job> {
  /** False when the queue is full: nothing was taken. */
  push(stream: string, job: Job): boolean
  /** Resolves when nothing is queued or at work. */
  idle(): Promise<void>
}

export interface StreamQueueOptions<Job> {
  /** jobs per batch */
  readonly batchSize: number
  /** waiting jobs per stream */
  readonly queueLength: number
  /** jobs waiting or at work over all streams */
  readonly total: number
  /** Answers every job of the batch itself; must not reject. */
  readonly work: (stream: string, batch: readonly Job[]) => Promise<void>
}

export function createStreamQueue<Job>(options: StreamQueueOptions<Job>): StreamQueue<Job> {
  const { batchSize, queueLength, total, work } = options
  const waiting = new Map<string, Job[]>()
  const draining = new Set<Promise<void>>()
  let held = 0

  const drain = async (stream: string, jobs: Job[]): Promise<void> => {
    // what arrives in the same turn of the event loop joins the first batch
    await Promise.resolve()
    while (jobs.length > 0) {
      const batch = jobs.splice(0, batchSize)
      await work(stream, batch)
      held -= batch.length
    }
    waiting.delete(stream)
  }

  return {
    push(stream, job) {
      const jobs = waiting.get(stream)
      if (held >= total || (jobs && jobs.length >= queueLength)) return false
      held += 1
      if (jobs) {
        jobs.push(job)
        return true
      }
      const started = [job]
      waiting.set(stream, started)
      const drained: Promise<void> = drain(stream, started).finally(() => draining.delete(drained))
      draining.add(drained)
      return true
    },
    async idle() {
      while (draining.size > 0) await Promise.all(draining)
    },
  }
}
