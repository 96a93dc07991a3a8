import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import type { HotKeyTask } from './hotKeyTask.ts'
import { hotKeyCaller } from './hotKeyProcess.ts'
import { interleave, type Contender } from './interleave.ts'

const callers = 64

/** 64 callers holding and releasing one key against 64 callers with a key each, in one process and in two, for a sku's stock and a dealer's credit. */
export const hotKeys: Bench = {
  name: 'hotKeys',
  title: `${callers} callers on one key and on ${callers} keys (PostgreSQL; commands per second, callers in processes of their own)`,
  async run({ rounds, secondsPerRound, freshDatabase, log }) {
    const database = await freshDatabase()
    const processes = await Promise.all(
      [1, 2].map(() =>
        hotKeyCaller(fork(fileURLToPath(new URL('./hotKeyCaller.js', import.meta.url)), [database.url])),
      ),
    )
    try {
      let opened = 0
      const contender = (of: HotKeyTask['of'], keys: number, count: number): Contender => {
        const working = processes.slice(0, count)
        return {
          name: `${of}: ${keys === 1 ? 'one key' : `${keys} keys`}, ${count === 1 ? 'one process' : 'two processes'}`,
          async prepare() {
            opened += 1
            const names = Array.from({ length: callers }, (_, n) => `RUN-${opened}-${n % keys}`)
            await Promise.all(
              working.map(({ open }, index) =>
                open({ of, keys: names.filter((_, n) => n % count === index), units: callers }),
              ),
            )
          },
          async work(until) {
            const counts = await Promise.all(working.map(({ work }) => work(until - performance.now())))
            // each unit that was taken was given back: two commands
            return counts.reduce((sum, { taken }) => sum + 2 * taken, 0)
          },
        }
      }
      const measured = await interleave(
        (['stock', 'credit'] as const).flatMap((of) =>
          [1, 2].flatMap((count) => [contender(of, callers, count), contender(of, 1, count)]),
        ),
        rounds,
        secondsPerRound,
        log,
      )
      return [...measured.values()].map(({ name, median, low, high }) => ({
        callers: name,
        median: Math.round(median),
        low: Math.round(low),
        high: Math.round(high),
      }))
    } finally {
      await Promise.all(processes.map(({ close }) => close()))
      await database.drop()
    }
  },
}
