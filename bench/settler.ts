import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { openReader } from '../src/projections/engine/ask.ts'
import { projectionPool } from '../src/projections/engine/projectionPool.ts'
import { rebatesModel } from '../src/projections/models/rebates/model.ts'
import { openRebateFacts } from '../src/projections/models/rebates/rebateFacts.ts'
import { whatIf } from '../src/projections/models/rebates/whatIf.ts'
import { createMemoryProgressStore } from '../src/workers/progress/memoryProgressStore.ts'
import { settleProgramme } from '../src/workers/rebates/settleProgramme.ts'
import { termsOf, tierKinds, type DuePeriod } from '../test/support/volumeProgrammes.ts'
import { openBenchHandler } from './openBenchHandler.ts'
import { settlePlainly, tiers } from './plainSettlement.ts'

/** What the benchmark asks of a process. */
export type SettlerTask =
  | (DuePeriod & { readonly type: 'settle'; readonly at: string; readonly watermark: string })
  | {
      readonly type: 'what-if'
      readonly companyId: string
      readonly periodIds: readonly string[]
      readonly watermark: string
      readonly now: number
    }
  | { readonly type: 'plain'; readonly schema: string; readonly periodIds: readonly string[] }
  | { readonly type: 'end' }

/** What it answers: how much it did, or that it is ready. */
export interface SettlerAnswer {
  readonly done: number
  readonly maxResidentMegabytes: number
}

const [url = ''] = process.argv.slice(2)
const store = await openPostgresStore({ connection: url })
const pool = projectionPool({ connectionString: url, max: 2 })
const handler = openBenchHandler(store)
const facts = openRebateFacts(openReader(pool, rebatesModel, Date.now), 60_000)
const progress = createMemoryProgressStore()
await facts.dealers({ companyId: '', basis: 'ordered', from: 0, until: 0, upTo: 0n })

async function work(task: SettlerTask): Promise<number> {
  switch (task.type) {
    case 'settle': {
      const { type: _type, watermark, ...run } = task
      const ports = { store, handler, facts, progress }
      const settled = await settleProgramme(ports, { ...run, kind: 'final', watermark: BigInt(watermark) })
      if (!settled || settled.refused.length > 0) throw new Error(`not settled: ${JSON.stringify(settled?.refused[0])}`)
      return settled.changed
    }
    case 'what-if': {
      const { companyId, periodIds, watermark, now } = task
      const programmes = tierKinds.map((kind) => ({
        programmeId: kind,
        // a thousandth more
        terms: termsOf(
          companyId,
          kind,
          tiers.map((tier) => ({ ...tier, rate: `${tier.rate}1` })),
        ),
      }))
      const draft = { programmes, stacking: [], members: [] }
      const answer = await whatIf(
        { load: handler.load, facts },
        { draft, companyId, periodIds, watermark: BigInt(watermark), now },
      )
      return answer.dealers.length
    }
    case 'plain':
      return settlePlainly(url, task.schema, task.periodIds)
    case 'end':
      await handler.idle()
      await store.close()
      await pool.end()
      return 0
  }
}

function answer(done: number, then?: () => void): void {
  const said: SettlerAnswer = {
    done,
    maxResidentMegabytes: Math.round((process.resourceUsage().maxRSS * 1024) / 1_000_000),
  }
  process.send?.(said, () => then?.())
}

process.on('message', async (task: SettlerTask) => {
  const done = await work(task)
  answer(done, task.type === 'end' ? () => process.exit() : undefined)
})
answer(0)
