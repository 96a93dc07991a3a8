import { marketPriceAggregate } from '../../../domain/violations/marketPrice.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, step, timeOf } from '../step.ts'

export const marketPrices: Kind = {
  name: 'market-prices',
  required: ['observation_id', 'sku', 'unit', 'offer', 'price', 'currency', 'on'],
  optional: ['dealer_id', 'seller', 'outlet_id', 'url', 'place', 'confidence', 'asked', 'screenshot', 'zone'],
  key: (values) => [text(values, 'observation_id'), '', ''],
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const seen = {
      companyId: company,
      observationId: values['observation_id'],
      dealerId: values['dealer_id'],
      seller: values['seller'],
      outletId: values['outlet_id'],
      url: values['url'],
      place: values['place'],
      sku: values['sku'],
      unit: values['unit'],
      confidence: decimalOf(values['confidence'] ?? '1'),
      offer: values['offer'],
      price: decimalOf(values['price']),
      currency: values['currency'],
      asked: decimalOf(values['asked']),
      screenshot: values['screenshot'],
    }
    return [step(marketPriceAggregate, 'ObserveMarketPrice', seen, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
