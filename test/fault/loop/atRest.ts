import { setTimeout as sleep } from 'node:timers/promises'
import type { OutsideDatabase } from './outsideDatabase.ts'
import type { OutsideLog } from './outsideLog.ts'

const stillFor = 1_200

interface Look {
  readonly behind: number
  /** a worker is at the log, or whoever was has not given its lease back */
  readonly working: number
}

/**
 * Waits until the workers have run as far as they go: every read model stands at the head, the processes' reader has given its
 * lease back, as it does at the head, and nothing new comes for a while. Throws after `limitMs` what it waits for.
 */
export async function atRest({ query }: OutsideDatabase, log: OutsideLog, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs
  let since = performance.now()
  let before = -1n
  for (;;) {
    const head = await log.head()
    const [look] = await query<Look & Record<string, unknown>>(
      `select
         (select count(*)::integer from projections.generations g where g.state = 'active' and g.checkpoint < $1) as behind,
         (select count(*)::integer from processes.reader r where r.leased_until <> 0) as working`,
      [`${head}`],
    )
    const { behind = 1, working = 1 } = look ?? {}
    if (behind > 0 || working > 0 || head !== before) since = performance.now()
    before = head
    if (performance.now() - since > stillFor) return
    if (performance.now() > deadline)
      throw new Error(
        `head ${head}, ${behind} read models behind, ${working === 0 ? 'no reader' : 'the reader'} at work`,
      )
    await sleep(50)
  }
}
