import type { ViolationKind } from '../detection/rules.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import type { Scene, Signal, SignalOf } from './signal.ts'

const day = 86_400_000

/** The dealer ordered what it does not sell: neither sell-out nor the season explains it. */
export const orderSpike: SignalOf = (scene) => ordered(scene, 'ORDER_SPIKE', scene.rule.orderSpike, 'spikes')

/** It ordered just up to a step of the rebate at the end of a period: what it cannot sell goes elsewhere. */
export const rebatePhase: SignalOf = (scene) => ordered(scene, 'TIER_CHASE', scene.rule.rebatePhase, 'chases')

function ordered(
  { at, orders }: Scene,
  kind: ViolationKind,
  rule: { readonly beforeDays: number; readonly points: string } | undefined,
  figure: string,
): Signal | undefined {
  if (!rule) return undefined
  const since = instantOf(at) - rule.beforeDays * day
  const found = orders.filter((one) => one.kind === kind && instantOf(one.to) >= since)
  if (found.length === 0) return undefined
  return {
    points: parseDecimal(rule.points),
    figures: { [figure]: String(found.length) },
    evidence: found.flatMap(({ evidence }) => evidence).slice(0, 15),
  }
}
