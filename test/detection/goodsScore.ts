import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultPriceRules } from '../../src/domain/detection/defaultRules.ts'
import type { Rules } from '../../src/domain/detection/rules.ts'
import { readChannel, type DirectoryFinding } from '../../src/runtime/detect/detectDirectory.ts'
import { plantedGoods, type Diverted } from './planted/divert.ts'
import { goodsDate, goodsFiles } from './planted/goodsFiles.ts'

/** What a run found, against what was planted. */
export interface ScoredGoods {
  readonly findings: readonly DirectoryFinding[]
  readonly answers: readonly (Diverted & { readonly by: readonly DirectoryFinding[] })[]
  readonly alarms: readonly DirectoryFinding[]
}
export type Diversion = NonNullable<Rules['DIVERSION']>

/** Reads the files of a seed once; they are judged as often as one likes. */
export async function readGoods(seed: number, { clean = false } = {}) {
  const { channel, answers, step } = plantedGoods(seed, { clean })
  const dir = await mkdtemp(join(tmpdir(), 'planted-'))
  const signal = new AbortController().signal
  try {
    await writeFile(join(dir, 'import.json'), JSON.stringify({ system: 'erp', company: 'ACME', zone: 'UTC' }))
    for (const [name, lines] of Object.entries(goodsFiles(channel)))
      await writeFile(join(dir, `${name}.csv`), `${lines.join('\n')}\n`)
    const { summary, judge } = await readChannel(dir, { signal })
    const rejected = Object.values(summary.kinds).reduce((sum, kind) => sum + kind.rejected + kind.conflicts, 0)
    if (summary.outcome !== 'complete' || rejected > 0)
      throw new Error(`seed ${seed}: ${rejected} rejected ${JSON.stringify(summary.findings)}`)
    return async (change: (rule: Diversion) => Diversion = (rule) => rule): Promise<ScoredGoods> => {
      const { DIVERSION, DIVERSION_LEAD, ORDER_SPIKE, TIER_CHASE } = defaultPriceRules.rules
      if (!DIVERSION || !TIER_CHASE) throw new Error('the default rules look for it')
      const rules = {
        ORDER_SPIKE,
        DIVERSION_LEAD,
        DIVERSION: change(DIVERSION),
        TIER_CHASE: { ...TIER_CHASE, ladders: [{ currency: 'CNY', steps: [String(step)] }] },
      }
      const all = await judge({ rules: { ...defaultPriceRules, rules }, signal })
      const findings = all.filter(({ kind }) => kind === 'DIVERSION' || kind === 'DIVERSION_LEAD')
      const isOf = (finding: DirectoryFinding, answer: Diverted): boolean =>
        finding.kind === answer.kind &&
        finding.dealerId === answer.dealer &&
        finding.region === answer.region &&
        finding.to.slice(0, 10) >= goodsDate(answer.from) &&
        finding.to.slice(0, 10) <= goodsDate(answer.until + 7)
      return {
        findings,
        answers: answers.map((answer) => ({ ...answer, by: findings.filter((one) => isOf(one, answer)) })),
        alarms: findings.filter((finding) => !answers.some((answer) => isOf(finding, answer))),
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
