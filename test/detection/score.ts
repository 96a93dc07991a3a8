import { rm, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultPriceRules } from '../../src/domain/detection/defaultRules.ts'
import type { PriceRules } from '../../src/domain/violations/pricePolicy.ts'
import { detectDirectory, type DirectoryFinding } from '../../src/runtime/detect/detectDirectory.ts'
import { dateOf, filesOf } from './planted/files.ts'
import { plantedChannel, type Answer } from './planted/plant.ts'

/** What a run found, against what was planted. */
export interface Scored {
  readonly findings: readonly DirectoryFinding[]
  readonly answers: readonly (Answer & { readonly found: boolean })[]
  /** findings that are no case of their kind */
  readonly alarms: readonly DirectoryFinding[]
}

export async function scored(
  seed: number,
  { clean = false, rules = (terms: PriceRules): PriceRules => terms, without = [] as readonly string[] } = {},
): Promise<Scored> {
  const { channel, answers, ladder } = plantedChannel(seed, { clean })
  const terms: PriceRules = {
    ...defaultPriceRules,
    resalePrices: { countries: ['CN'], restsOn: 'planted cases' },
    rules: {
      ...defaultPriceRules.rules,
      DUMPING_LOW_PRICE: { margin: '0.02', volume: '15', times: 3, withinDays: 60 },
      TIER_CHASE: {
        ...defaultPriceRules.rules.TIER_CHASE!,
        ladders: [{ currency: 'CNY', steps: ladder.map(String) }],
      },
    },
  }
  const dir = await mkdtemp(join(tmpdir(), 'planted-'))
  try {
    await writeFile(join(dir, 'import.json'), JSON.stringify({ system: 'erp', company: 'ACME', zone: 'UTC' }))
    for (const [name, lines] of Object.entries(filesOf(channel)))
      if (!without.includes(name)) await writeFile(join(dir, `${name}.csv`), `${lines.join('\n')}\n`)
    const { findings, summary } = await detectDirectory(dir, {
      rules: rules(terms),
      signal: new AbortController().signal,
    })
    const rejected = Object.values(summary.kinds).reduce((sum, kind) => sum + kind.rejected + kind.conflicts, 0)
    if (summary.outcome !== 'complete' || rejected > 0)
      throw new Error(`seed ${seed}: ${rejected} rejected ${JSON.stringify(summary.findings)}`)
    // the first year is the history that the second one is judged by
    const judged = findings.filter(({ to }) => to >= dateOf(364))
    const isOf = (finding: DirectoryFinding, answer: Answer): boolean => {
      const { figures } = finding
      const whose = [finding.dealerId, figures['highDealer'], figures['lowDealer']]
      const [from, to] = [finding.from, finding.to].map((time) => time.slice(0, 10))
      return (
        (finding.kind === answer.kind || answer.also.includes(finding.kind)) &&
        whose.includes(answer.dealer) &&
        (answer.sku === '' || finding.sku === answer.sku || finding.kind === 'TIER_CHASE') &&
        to! >= dateOf(answer.from) &&
        from! <= dateOf(answer.until + (finding.kind === answer.kind ? 3 : 140))
      )
    }
    return {
      findings: judged,
      answers: answers.map((answer) => ({
        ...answer,
        found: judged.some((finding) => finding.kind === answer.kind && isOf(finding, answer)),
      })),
      alarms: judged.filter((finding) => !answers.some((answer) => isOf(finding, answer))),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
