import { tradeEventTypes, tradeFactsOf, type TradeEvent } from '../../../domain/detection/tradeFact.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { violationEvents, type ViolationEvent } from '../../../domain/violations/events.ts'
import { marketPriceEvents, type MarketPriceEvent } from '../../../domain/violations/marketPrice.ts'
import { pricePolicyEvents, type PricePolicyEvent } from '../../../domain/violations/pricePolicy.ts'
import { violationText } from '../../../domain/violations/violationText.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** What detection looks at (`TradeFact`); only its facts are asked for. Prices of resales are not in it. */
const trade = factTable(
  'trade',
  { dealer_id: 'text', sku: 'text', order_id: 'text' },
  {
    lasts: { fact: 'jsonb', happened_at: 'text', stream: 'text', revision: 'bigint' },
    time: 'versioned',
    indexes: [['dealer_id'], ['sku'], ['order_id']],
  },
)
const policies = factTable(
  'policies',
  { company_id: 'text', version: 'bigint' },
  { lasts: { terms: 'jsonb', ends_at: 'timestamptz' } },
)
const observations = factTable(
  'observations',
  { observation_id: 'text' },
  {
    lasts: { dealer_id: 'text', sku: 'text', observed_at: 'timestamptz', content: 'jsonb' },
    indexes: [['dealer_id'], ['sku']],
  },
)
const violations = factTable(
  'violations',
  { dealer_id: 'text', violation_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      kind: 'text',
      sku: 'text',
      status: 'text',
      from_at: 'timestamptz',
      to_at: 'timestamptz',
      derives_from_resale: 'boolean',
      /** what happened, a sentence per language */
      sentence: 'jsonb',
      /** the ViolationDetected: figures, evidence, score, version */
      content: 'jsonb',
      notified_by: 'text',
      explain_until: 'timestamptz',
      explanation: 'jsonb',
      decided_by: 'text',
      decided_at: 'timestamptz',
      reason: 'text',
      repeats: 'bigint',
      counts: 'boolean',
      remedy: 'text',
    },
    indexes: [['dealer_id'], ['sku'], ['status'], ['kind']],
  },
)

/** Price policies, prices seen in the market, the cases that were made of them, and the trade that they rest on. */
export const violationsModel: ReadModel = {
  name: 'violations',
  version: 1,
  events: [
    ...new Set([
      ...tradeEventTypes,
      ...[...pricePolicyEvents, ...marketPriceEvents, ...violationEvents].map(({ type }) => type),
    ]),
  ],
  tables: [trade, policies, observations, violations],
  facts: (event) => violationFacts(event as RecordedEvent & Any), // the types it declares, checked when appended
}

type Any = TradeEvent | PricePolicyEvent | MarketPriceEvent | ViolationEvent

function violationFacts(event: RecordedEvent & Any): readonly Fact[] {
  switch (event.type) {
    case 'PricePolicySet': {
      const { companyId, version, terms } = event.data
      return [{ table: 'policies', key: { company_id: companyId, version }, lasts: { terms } }]
    }
    case 'PricePolicyEnded': {
      const { companyId, version, endsAt } = event.data
      return [{ table: 'policies', key: { company_id: companyId, version }, lasts: { ends_at: utc(endsAt) } }]
    }
    case 'MarketPriceObserved': {
      const { observationId, dealerId, sku, breaches: _breaches, ...content } = event.data
      const lasts = { dealer_id: dealerId ?? '', sku, observed_at: utc(event.occurredAt), content }
      return [{ table: 'observations', key: { observation_id: observationId }, lasts }, ...tradeRows(event)]
    }
    case 'ViolationDetected':
    case 'ViolationNotified':
    case 'ViolationExplained':
    case 'ViolationConfirmed':
    case 'ViolationDismissed':
    case 'ViolationRemedied':
    case 'ViolationClosed':
      return [lifeFact(event)]
    default:
      return tradeRows(event)
  }
}

function tradeRows(event: RecordedEvent & TradeEvent): readonly Fact[] {
  const { stream, revision, occurredAt } = event
  return tradeFactsOf(event).map((fact) => ({
    table: 'trade',
    key: { dealer_id: fact.dealerId, sku: fact.sku, order_id: 'orderId' in fact ? fact.orderId : '' },
    lasts: { fact, happened_at: occurredAt, stream, revision },
  }))
}

function lifeFact(event: RecordedEvent & ViolationEvent): Fact {
  const { dealerId, violationId, companyId, kind, sku } = event.data
  const fact = (lasts: NonNullable<Fact['lasts']>): Fact => ({
    table: 'violations',
    key: { dealer_id: dealerId, violation_id: violationId },
    lasts: { company_id: companyId, kind, sku, ...lasts },
  })
  const at = utc(event.occurredAt)
  switch (event.type) {
    case 'ViolationDetected': {
      const { policyVersion, from, to, score, figures, evidence, derivesFromResale, region } = event.data
      const content = { policyVersion, from, to, score, figures, evidence, region }
      const sentence = { en: violationText(kind, figures, 'en'), 'zh-CN': violationText(kind, figures, 'zh-CN') }
      const span = { from_at: utc(from), to_at: utc(to) }
      return fact({ status: 'detected', ...span, derives_from_resale: derivesFromResale, sentence, content })
    }
    case 'ViolationNotified': {
      const { notifiedBy, explainUntil } = event.data
      return fact({ status: 'notified', notified_by: notifiedBy, explain_until: utc(explainUntil) })
    }
    case 'ViolationExplained':
      return fact({ status: 'explained', explanation: event.data.explanation })
    case 'ViolationConfirmed': {
      const { confirmedBy, repeats, counts } = event.data
      return fact({ status: 'confirmed', decided_by: confirmedBy, decided_at: at, repeats, counts })
    }
    case 'ViolationDismissed': {
      const { dismissedBy, reason } = event.data
      return fact({ status: 'dismissed', decided_by: dismissedBy, decided_at: at, reason, counts: false })
    }
    case 'ViolationRemedied':
      return fact({ status: 'remedied', remedy: event.data.remedy })
    case 'ViolationClosed':
      return fact({ status: 'closed' })
  }
}

function utc(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}
