import { createHash } from 'node:crypto'
import { calendarAggregate } from '../../../domain/calendars/decide.ts'
import { periodById } from '../../../domain/calendars/periodOf.ts'
import { dealerAggregate } from '../../../domain/dealers/decide.ts'
import { dealerAt } from '../../../domain/dealers/state.ts'
import type { Load } from '../../../domain/kernel/decider.ts'
import { settlementId } from '../../../domain/rebates/commands.ts'
import { explanationText, type ExplanationNode } from '../../../domain/rebates/explanation.ts'
import { factsQuery } from '../../../domain/rebates/factsQuery.ts'
import { programmeAggregate } from '../../../domain/rebates/programme.ts'
import { settle } from '../../../domain/rebates/settle.ts'
import { stackedFacts } from '../../../domain/rebates/stackedFacts.ts'
import { standingOf, standingQuery } from '../../../domain/rebates/standing.ts'
import { settlementAggregate } from '../../../domain/rebates/settlement.ts'
import type { CalculatedSettlement, StatementSources } from '../../../domain/rebates/settlementPaper.ts'
import type { EventRegistry } from '../../../ledger/eventRegistry.ts'
import type { EventStore } from '../../../ledger/eventStore.ts'
import { foldUntil } from '../../../ledger/foldStream.ts'
import type { Reader } from '../../engine/ask.ts'
import { openRebateFacts } from './rebateFacts.ts'

export interface SettlementKey {
  readonly programmeId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
  readonly settlementNo: number
}

export interface ExplainedSettlement {
  readonly tree: ExplanationNode
  /** SHA-256 of the tree's canonical text, hex */
  readonly hash: string
  /** the same as the one that was written with the settlement */
  readonly isVerified: boolean
}

/** With what it was worked out from, as it was known then. */
export interface SettlementInFull extends ExplainedSettlement, StatementSources {}

interface Ports {
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly reader: Reader
  readonly waitMs: number
}

/**
 * Works a settlement out once more, from the log as it stood when it was calculated, and holds the tree against the hash that was
 * written then. Undefined for one that is not there; throws `ModelBehind` while the volume is not there yet.
 */
export async function explainSettlement(
  { store, registry, reader, waitMs }: Ports,
  key: SettlementKey,
): Promise<SettlementInFull | undefined> {
  const { programmeId, currency, dealerId, periodId, settlementNo } = key
  const stream = `${settlementAggregate.category}-${settlementId(key)}`
  const { state, end: event } = await foldUntil(
    store,
    registry,
    settlementAggregate,
    stream,
    ({ type, data }) => type === 'SettlementCalculated' && (data as CalculatedSettlement).settlementNo === settlementNo, // a registered type
  )
  if (!event) return undefined
  const calculated = registry.upcast(event.type, event.schemaVersion, event.data) as CalculatedSettlement
  const { position } = event
  /** as it was known then */
  const load: Load = async (aggregate, id) =>
    (await foldUntil(store, registry, aggregate, `${aggregate.category}-${id}`, (one) => one.position >= position))
      .state
  const programme = await load(programmeAggregate, programmeId)
  const terms = programme.versions[calculated.programmeVersion - 1]
  const calendar = terms && (await load(calendarAggregate, terms.calendarId))
  const period = calendar && periodById(calendar, periodId)
  if (!period || !calendar.known) throw new Error(`${stream} names terms or a period that the log does not have`)
  const watermark = BigInt(calculated.watermark)
  const { cutOff, calculation } = calculated
  const { zone } = calendar
  const volume = openRebateFacts(reader, waitMs)
  const request = { ...key, programme, terms, period, zone, cutOff, watermark }
  const query = factsQuery(programme, terms, period, watermark)
  const facts = await stackedFacts(load, request, await volume.facts(query, [{ dealerId, currency }]))
  const asked = standingQuery(programme.companyId, request)
  const { target, baseline } = calculation
  const { explanation } = settle({
    programmeId,
    terms,
    currency,
    facts,
    standing: asked && standingOf(request, await volume.standing(asked, [dealerId])),
    target,
    baseline,
    prior: state.prior,
  })
  const hash = createHash('sha256').update(explanationText(explanation)).digest('hex')
  const isVerified = hash === calculated.explanationHash
  const dealer = dealerAt(await load(dealerAggregate, dealerId), cutOff)
  return { tree: explanation, hash, isVerified, calculated, terms, period, zone, facts, dealer }
}
