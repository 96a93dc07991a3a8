import { stockAggregate } from '../../../domain/stock/decide.ts'
import { unlotted } from '../../../domain/stock/events.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, step, timeOf } from '../step.ts'
import { place, stockKey } from './stockPlace.ts'

export const stockCounts: Kind = {
  name: 'stock-counts',
  required: ['count_id', 'sku', 'on', 'counted'],
  optional: place,
  key: (values) => [
    text(values, 'count_id'),
    `${text(values, 'party')}/${text(values, 'location')}/${text(values, 'sku')}/${text(values, 'lot')}`,
    '',
  ],
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const lot = values['lot'] ?? unlotted
    const count = {
      ...stockKey(values, company),
      // the lots of one stocktake are facts of their own
      countId: lot === unlotted ? values['count_id'] : `${text(values, 'count_id')}:${lot}`,
      lines: [{ lot, counted: decimalOf(values['counted']) }],
    }
    return [step(stockAggregate, 'CountStock', count, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
