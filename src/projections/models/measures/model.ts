import { events, factsOf } from './feeds/feed.ts'
import { factTable, type ReadModel } from '../../engine/factTable.ts'

/**
 * What was added to each measure, per day and per everything that it can be asked by. What an order's later events say names
 * the order or its line (`kind`, `doc`), and whose it is stands with that episode.
 */
const changes = factTable(
  'changes',
  {
    measure: 'text',
    company_id: 'text',
    dealer_id: 'text',
    sku: 'text',
    currency: 'text',
    unit: 'text',
    kind: 'text',
    doc: 'text',
    day: 'date',
  },
  { sums: ['amount', 'quantity', 'count'], indexes: [['measure', 'day']] },
)
/** Levels that events assert: each change follows from what stood before, so they are folded from their facts. */
const levels = factTable(
  'levels',
  { measure: 'text', company_id: 'text', dealer_id: 'text', sku: 'text', currency: 'text', item: 'text' },
  { levels: ['value'], lasts: { day: 'date' } },
)
/** What begins with one event and ends with another. `open` is what is left of it, such as a quantity to deliver. */
const episodes = factTable(
  'episodes',
  { kind: 'text', id: 'text' },
  {
    sums: ['open'],
    lasts: {
      company_id: 'text',
      dealer_id: 'text',
      sku: 'text',
      currency: 'text',
      unit: 'text',
      of_order: 'text',
      begun_at: 'timestamptz',
      begun_on: 'date',
      ended_at: 'timestamptz',
      ended_on: 'date',
      /** it was changed or given up on this day: over since then, where nothing of it is open */
      gone_on: 'date',
      due_on: 'date',
    },
  },
)
const products = factTable(
  'products',
  { sku: 'text' },
  { lasts: { category: 'text', unit: 'text', launched_on: 'date' }, time: 'versioned' },
)
const dealers = factTable(
  'dealers',
  { dealer_id: 'text' },
  { lasts: { country: 'text', region: 'text', tier: 'text', territory_id: 'text' }, time: 'versioned' },
)
const rates = factTable(
  'rates',
  { base: 'text', quote: 'text', kind: 'text' },
  { lasts: { rate: 'numeric', effective_at: 'timestamptz' }, time: 'versioned' },
)

/** The base measures of every metric. Days are local to the event, in its own zone; amounts are in units of their currency. */
export const measuresModel: ReadModel = {
  name: 'measures',
  version: 2,
  events,
  tables: [changes, levels, episodes, products, dealers, rates],
  facts: factsOf,
}
