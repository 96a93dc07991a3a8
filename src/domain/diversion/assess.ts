import type { Evidence } from '../detection/detector.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { cluster } from './cluster.ts'
import { missingCodes } from './missingCodes.ts'
import { orderSpike, rebatePhase } from './orderSignals.ts'
import { outOfTerritory } from './outOfTerritory.ts'
import { priceLink } from './priceLink.ts'
import { distinct } from './sighting.ts'
import type { Scene, Signal, SignalOf } from './signal.ts'
import { twinScan } from './twinScan.ts'

const signals: readonly SignalOf[] = [
  outOfTerritory,
  twinScan,
  cluster,
  missingCodes,
  orderSpike,
  rebatePhase,
  priceLink,
]

export interface Assessment {
  readonly score: string
  readonly figures: Readonly<Record<string, string>>
  readonly evidence: readonly Evidence[]
}

/** evidence of one case is at most so much: the newest sightings, and what each signal rests on */
const scansShown = 40
/** codes that are named, for the dealer to look up whom it sold them to */
const codesShown = 5

/** All that speaks for a case of a dealer and a region; undefined while it is not enough for one. */
export function assess(scene: Scene): Assessment | undefined {
  const { rule, foreign } = scene
  const seen = distinct(foreign)
  if (seen.length < rule.least) return undefined
  const found = signals.map((signal) => signal(scene)).filter((one): one is Signal => one !== undefined)
  const score = found.reduce((sum, { points }) => sum + points, 0n)
  if (score < parseDecimal(rule.opensAt)) return undefined
  const shown = seen.slice(-scansShown)
  return {
    score: formatDecimal(score),
    figures: Object.assign(
      { serials: codesOf(foreign) },
      ...found.map(({ figures }) => figures),
    ) as Assessment['figures'], // a record of strings from records of strings
    evidence: once([
      ...shown.map(({ eventId }) => ({ eventId, role: 'scan' })),
      ...shown.flatMap(({ sent }) => (sent ? [{ eventId: sent.eventId, role: 'sent' }] : [])).slice(-20),
      ...found.flatMap(({ evidence }) => evidence),
    ]),
  }
}

function codesOf(foreign: readonly Scene['foreign'][number][]): string {
  const codes = [...new Set(foreign.map(({ serial }) => serial))]
  return codes.slice(-codesShown).join(' ').slice(0, 200)
}

export function once(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.filter(({ eventId }, n) => evidence.findIndex((one) => one.eventId === eventId) === n).slice(0, 100)
}
