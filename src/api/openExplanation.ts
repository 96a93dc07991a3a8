import {
  explainSettlement,
  type SettlementInFull,
  type SettlementKey,
} from '../projections/models/rebates/explainSettlement.ts'
import { rebatesModel } from '../projections/models/rebates/model.ts'
import type { ApiPorts } from './ports.ts'

const waitMilliseconds = 2_000

/** A settlement worked out once more; undefined for one that is not there. */
export function openExplanation(
  { store, registry, readerOf }: ApiPorts,
  key: SettlementKey,
): Promise<SettlementInFull | undefined> {
  return explainSettlement({ store, registry, reader: readerOf(rebatesModel), waitMs: waitMilliseconds }, key)
}
