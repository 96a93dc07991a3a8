import { productAggregate } from '../../domain/catalogue/decide.ts'
import { accountAggregate } from '../../domain/credit/account.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { standardTerms } from '../../domain/dealers/terms.ts'
import { territoryAggregate } from '../../domain/dealers/territory.ts'
import type { Load } from '../../domain/kernel/decider.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { priceListsAggregate } from '../../domain/pricing/priceLists.ts'
import { priceAggregate } from '../../domain/pricing/prices.ts'
import { promotionsAggregate } from '../../domain/pricing/promotions.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { unlotted } from '../../domain/stock/events.ts'
import type { Document } from './documents.ts'
import type { Columns } from './readRows.ts'
import {
  decimalOf,
  firstOrNext,
  flagOf,
  given,
  labelOf,
  listOf,
  minorOf,
  step,
  timeOf,
  wholeOf,
  type Step,
} from './step.ts'

/** What the rows of a file leave to the whole import. */
export interface Surroundings {
  readonly company: string
  /** of dates without a time, where a row names none */
  readonly zone: string
  readonly load: Load
}

type Values = Readonly<Record<string, string>>

/** One kind of file: its columns, what tells its documents apart, and the commands they become. */
export interface Kind extends Columns {
  readonly name: string
  /** the file that holds the lines of this kind's documents */
  readonly lines?: Columns & { readonly name: string }
  /** the columns that name a document: of a kind with lines in a file of their own, or in rows that follow one another */
  readonly document?: readonly string[]
  /** key of the document: number, line, revision */
  readonly key: (values: Values) => readonly [number: string, line: string, revision: string]
  /** names the streams whose commands keep the order of the file */
  readonly lane: (values: Values, around: Surroundings) => Promise<string> | string
  /** commands of one stream do not wait for each other's answers: their decisions gather nothing of their own stream */
  readonly together?: boolean
  /** a sku that the catalogue does not know is reported although the event has no room to say so */
  readonly checksSku?: boolean
  readonly steps: (document: Document, around: Surroundings) => readonly Step[] | Promise<readonly Step[]>
}

const text = (values: Values, column: string): string => values[column] ?? ''

const territories: Kind = {
  name: 'territories',
  required: ['territory_id', 'name', 'regions', 'effective_from'],
  optional: ['name_zh', 'exclusive', 'zone'],
  key: (values) => [text(values, 'territory_id'), '', text(values, 'effective_from')],
  lane: (values) => text(values, 'territory_id'),
  steps({ head: { values } }, { company, zone }) {
    const at = timeOf(values['effective_from'], values['zone'] ?? zone)
    const territoryId = text(values, 'territory_id')
    const terms = {
      territoryId,
      name: labelOf(values['name'], values['name_zh']),
      regions: listOf(values['regions']),
      exclusive: flagOf(values['exclusive'] ?? 'false'),
      effectiveAt: at,
    }
    return [
      firstOrNext(
        step(territoryAggregate, 'DefineTerritory', { ...terms, companyId: company }, at),
        step(territoryAggregate, 'ReviseTerritory', terms, at),
        async (load) => (await load(territoryAggregate, territoryId)).known,
      ),
    ]
  },
}

const dealers: Kind = {
  name: 'dealers',
  required: ['dealer_id', 'name', 'kind', 'country', 'region', 'zone', 'currencies', 'effective_from'],
  optional: [
    'name_zh',
    'legal_id',
    'city',
    'tier_level',
    'parent_dealer_id',
    'group_id',
    'tier',
    'territory_id',
    'payment_term_days',
    'backorder_policy',
    'invoice_on',
    'contact_id',
    'contact_name',
    'contact_phone',
    'contact_email',
  ],
  key: (values) => [text(values, 'dealer_id'), '', text(values, 'effective_from')],
  // a dealer below another waits for that one's rows
  lane: (values) => values['parent_dealer_id'] ?? text(values, 'dealer_id'),
  steps({ head: { values } }, { company }) {
    const at = timeOf(values['effective_from'], values['zone'] ?? 'UTC')
    const dealerId = text(values, 'dealer_id')
    const profile = given({
      dealerId,
      legalName: labelOf(values['name'], values['name_zh']),
      legalId: values['legal_id'],
      kind: values['kind'],
      country: values['country'],
      region: values['region'],
      city: values['city'],
      zone: values['zone'],
      currencies: listOf(values['currencies']),
      effectiveAt: at,
    })
    const place = given({
      tierLevel: wholeOf(values['tier_level'] ?? '1'),
      parentDealerId: values['parent_dealer_id'],
      groupId: values['group_id'],
    })
    const contact = given({
      personId: values['contact_id'],
      name: values['contact_name'],
      phone: values['contact_phone'],
      email: values['contact_email'],
    })
    const hasContact = Object.keys(contact).length > 0
    const isKnown = async (load: Load): Promise<boolean> => (await load(dealerAggregate, dealerId)).known
    const register = { ...profile, ...place, companyId: company }
    const { tier, territory_id: territoryId, payment_term_days: days } = values
    const policy = values['backorder_policy']
    const invoiceOn = values['invoice_on']
    const terms = {
      ...standardTerms,
      ...given({ paymentTermDays: wholeOf(days), backorderPolicy: policy, invoiceOn }),
    }
    const own = { dealerId, effectiveAt: at }
    const changeId = `${dealerId}.${text(values, 'effective_from').slice(0, 10)}`
    return [
      firstOrNext(
        step(dealerAggregate, 'RegisterDealer', register, at),
        step(dealerAggregate, 'ReviseDealerProfile', profile, at),
        isKnown,
      ),
      step(dealerAggregate, 'AssignDealerParent', { ...place, ...own }, at, 'parent'),
      ...(hasContact
        ? [step(dealerAggregate, 'ChangeDealerContact', { ...own, changeId, contact }, at, 'contact')]
        : []),
      ...(tier === undefined
        ? []
        : [step(dealerAggregate, 'AssignTier', { ...own, tier, reason: 'import', causes: [changeId] }, at, 'tier')]),
      ...(territoryId === undefined
        ? []
        : [step(dealerAggregate, 'AssignTerritory', { ...own, territoryId }, at, 'territory')]),
      ...(days === undefined && policy === undefined && invoiceOn === undefined
        ? []
        : [step(dealerAggregate, 'SetDealerTerms', { ...own, ...terms }, at, 'terms')]),
    ]
  },
}

const products: Kind = {
  name: 'products',
  required: ['sku', 'name', 'category', 'unit', 'effective_from'],
  optional: [
    'name_zh',
    'description',
    'description_zh',
    'subcategory',
    'pictures',
    'lot_tracked',
    'withdrawn_from',
    'zone',
  ],
  prefix: 'attribute.',
  key: (values) => [text(values, 'sku'), '', text(values, 'effective_from')],
  lane: (values) => text(values, 'sku'),
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['effective_from'], zone)
    const sku = text(values, 'sku')
    const attributes = Object.entries(values).flatMap(([column, value]) =>
      column.startsWith('attribute.') ? [[column.slice('attribute.'.length), value]] : [],
    )
    const description = labelOf(values['description'], values['description_zh'])
    const picture = {
      sku,
      name: labelOf(values['name'], values['name_zh']),
      description: Object.keys(description).length > 0 ? description : undefined,
      category: values['category'],
      subcategory: values['subcategory'],
      unit: values['unit'],
      attributes: Object.fromEntries(attributes) as Record<string, string>,
      pictures: listOf(values['pictures']),
      lotTracked: flagOf(values['lot_tracked']),
      effectiveAt: at,
    }
    const withdrawn = values['withdrawn_from']
    const withdrawnAt = timeOf(withdrawn, zone)
    const withdrawal = { sku, reason: 'import', effectiveAt: withdrawnAt }
    return [
      firstOrNext(
        step(productAggregate, 'PublishProduct', { ...picture, companyId: company }, at),
        step(productAggregate, 'ReviseProduct', picture, at),
        async (load) => (await load(productAggregate, sku)).known,
      ),
      ...(withdrawn === undefined
        ? []
        : [step(productAggregate, 'WithdrawProduct', withdrawal, withdrawnAt, 'withdrawn')]),
    ]
  },
}

const priceLists: Kind = {
  name: 'price-lists',
  required: ['list_id', 'name', 'currency', 'effective_from'],
  optional: [
    'name_zh',
    'level',
    'region',
    'tier',
    'dealer_id',
    'contract_id',
    'priority',
    'merge',
    'scale',
    'rounding',
    'effective_until',
    'zone',
  ],
  key: (values) => [text(values, 'list_id'), '', ''],
  lane: (_values, { company }) => company,
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['effective_from'], zone)
    const until = values['effective_until']
    const list = {
      companyId: company,
      listId: values['list_id'],
      name: labelOf(values['name'], values['name_zh']),
      level: values['level'] ?? 'base',
      scope: given({
        region: values['region'],
        tier: values['tier'],
        dealerId: values['dealer_id'],
        contractId: values['contract_id'],
      }),
      currency: values['currency'],
      priority: wholeOf(values['priority'] ?? '100'),
      merge: flagOf(values['merge']),
      scale: wholeOf(values['scale']),
      rounding: values['rounding'],
      effectiveFrom: at,
      effectiveUntil: until === undefined ? undefined : timeOf(until, zone),
    }
    return [step(priceListsAggregate, 'PublishPriceList', list, at)]
  },
}

const prices: Kind = {
  name: 'prices',
  required: ['list_id', 'sku', 'unit', 'currency', 'price', 'effective_from'],
  optional: [
    'effective_until',
    'breaks',
    'floor',
    'ceiling',
    'recommended_retail',
    'lowest_advertised',
    'reason',
    'zone',
  ],
  key: (values) => [
    `${text(values, 'list_id')}/${text(values, 'sku')}`,
    `${text(values, 'unit')}/${text(values, 'currency')}`,
    text(values, 'effective_from'),
  ],
  lane: (values) => `${text(values, 'list_id')}/${text(values, 'sku')}`,
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['effective_from'], zone)
    const until = values['effective_until']
    const breaks = listOf(values['breaks'])?.map((item) => {
      const [fromQuantity = '', price = ''] = item.split(':')
      return { fromQuantity: decimalOf(fromQuantity), price: decimalOf(price) }
    })
    const price = {
      companyId: company,
      listId: values['list_id'],
      sku: values['sku'],
      unit: values['unit'],
      currency: values['currency'],
      newPrice: decimalOf(values['price']),
      breaks,
      floor: decimalOf(values['floor']),
      ceiling: decimalOf(values['ceiling']),
      recommendedRetail: decimalOf(values['recommended_retail']),
      lowestAdvertised: decimalOf(values['lowest_advertised']),
      effectiveAt: at,
      effectiveUntil: until === undefined ? undefined : timeOf(until, zone),
      reason: values['reason'] ?? 'import',
    }
    return [step(priceAggregate, 'ChangePrice', price, at)]
  },
}

const promotions: Kind = {
  name: 'promotions',
  required: ['promotion_id', 'name', 'discount', 'starts_at', 'ends_at'],
  optional: [
    'name_zh',
    'skus',
    'categories',
    'dealers',
    'tiers',
    'regions',
    'min_quantity',
    'max_quantity',
    'stacking',
    'priority',
    'zone',
  ],
  key: (values) => [text(values, 'promotion_id'), '', ''],
  lane: (_values, { company }) => company,
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['starts_at'], zone)
    const promotion = {
      companyId: company,
      promotionId: values['promotion_id'],
      name: labelOf(values['name'], values['name_zh']),
      discount: decimalOf(values['discount']),
      startsAt: at,
      endsAt: timeOf(values['ends_at'], zone),
      scope: given({
        skus: listOf(values['skus']),
        categories: listOf(values['categories']),
        dealers: listOf(values['dealers']),
        tiers: listOf(values['tiers']),
        regions: listOf(values['regions']),
      }),
      minQuantity: decimalOf(values['min_quantity']),
      maxQuantity: decimalOf(values['max_quantity']),
      stackingClass: values['stacking'] ?? 'best',
      priority: wholeOf(values['priority'] ?? '100'),
    }
    return [step(promotionsAggregate, 'SchedulePromotion', promotion, at)]
  },
}

const taxOf = (values: Values): Record<string, unknown> | undefined =>
  values['tax'] === undefined && values['tax_code'] === undefined
    ? undefined
    : given({
        code: values['tax_code'] ?? 'tax',
        rate: decimalOf(values['tax_rate']),
        amount: decimalOf(values['tax'] ?? '0'),
      })

const orders: Kind = {
  name: 'orders',
  required: ['order_id', 'dealer_id', 'currency', 'ordered_on'],
  optional: [
    'revision',
    'ship_from_party',
    'ship_from_location',
    'affects_stock',
    'backorder_policy',
    'requested_delivery_on',
    'customer_reference',
    'tier',
    'territory_id',
    'zone',
  ],
  lines: {
    name: 'order-lines',
    required: ['order_id', 'line_number', 'sku', 'unit', 'quantity', 'unit_price', 'line_value'],
    optional: [
      'extended',
      'discount',
      'discount_share',
      'promotion_id',
      'product_version',
      'lot',
      'tax_code',
      'tax_rate',
      'tax',
      'freight',
    ],
  },
  document: ['order_id'],
  key: (values) => [text(values, 'order_id'), '', values['revision'] ?? ''],
  lane: (values) => text(values, 'order_id'),
  together: true,
  steps({ head: { values }, lines }, { company, zone }) {
    const territoryId = values['territory_id']
    const order = {
      orderId: values['order_id'],
      companyId: company,
      dealerId: values['dealer_id'],
      currency: values['currency'],
      shipFrom: {
        party: values['ship_from_party'] ?? company,
        location: values['ship_from_location'] ?? 'main',
      },
      affectsStock: flagOf(values['affects_stock'] ?? 'true'),
      backorderPolicy: values['backorder_policy'],
      requestedDeliveryOn: values['requested_delivery_on'],
      customerReference: values['customer_reference'],
      tier: values['tier'],
      territory: territoryId === undefined ? undefined : { id: territoryId },
      lines: lines.map(({ values: line }) => {
        const discount = given({
          share: decimalOf(line['discount_share']),
          value: decimalOf(line['discount'] ?? '0'),
          promotion: line['promotion_id'],
        })
        const hasDiscount = line['discount'] !== undefined || line['promotion_id'] !== undefined
        return given({
          lineNo: wholeOf(line['line_number']),
          sku: line['sku'],
          unit: line['unit'],
          quantity: decimalOf(line['quantity']),
          unitPrice: decimalOf(line['unit_price']),
          extended: decimalOf(line['extended']),
          discount: hasDiscount ? discount : undefined,
          lineValue: decimalOf(line['line_value']),
          productVersion: line['product_version'],
          lot: line['lot'],
          tax: taxOf(line),
          freight: decimalOf(line['freight']),
        })
      }),
    }
    return [step(orderAggregate, 'RecordOrder', order, timeOf(values['ordered_on'], values['zone'] ?? zone))]
  },
}

const shipments: Kind = {
  name: 'shipments',
  required: ['order_id', 'shipment_id', 'shipped_on', 'line_number', 'quantity'],
  optional: ['lot', 'carrier', 'tracking_number', 'delivered_on', 'zone'],
  document: ['order_id', 'shipment_id'],
  key: (values) => [text(values, 'order_id'), text(values, 'shipment_id'), ''],
  lane: (values) => text(values, 'order_id'),
  steps({ head: { values }, lines }, { zone: declared }) {
    const zone = values['zone'] ?? declared
    const orderId = values['order_id']
    const shipmentId = values['shipment_id']
    const delivered = values['delivered_on']
    const shipment = {
      orderId,
      shipmentId,
      lines: lines.map(({ values: line }) => {
        const quantity = decimalOf(line['quantity'])
        const lot = line['lot']
        return given({
          lineNo: wholeOf(line['line_number']),
          quantity,
          lots: lot === undefined ? undefined : [{ lot, quantity }],
        })
      }),
      carrier: values['carrier'],
      trackingNumber: values['tracking_number'],
    }
    return [
      step(orderAggregate, 'DispatchShipment', shipment, timeOf(values['shipped_on'], zone)),
      ...(delivered === undefined
        ? []
        : [step(orderAggregate, 'DeliverShipment', { orderId, shipmentId }, timeOf(delivered, zone), 'delivered')]),
    ]
  },
}

const place = ['party', 'location', 'lot', 'zone'] as const
const stockKey = (values: Values, company: string): { party: string; location: string; sku: string } => ({
  party: values['party'] ?? company,
  location: values['location'] ?? 'main',
  sku: text(values, 'sku'),
})
const stockLane = (values: Values, { company }: Surroundings): string =>
  Object.values(stockKey(values, company)).join('/')
const costOf = (values: Values): Record<string, unknown> | undefined =>
  values['unit_cost'] === undefined
    ? undefined
    : given({ unitPrice: decimalOf(values['unit_cost']), currency: values['cost_currency'] })

const stockOpenings: Kind = {
  name: 'stock-openings',
  required: ['sku', 'on', 'quantity'],
  optional: [...place, 'unit', 'unit_cost', 'cost_currency', 'received_on', 'expires_on', 'ownership'],
  key: (values) => [
    `${text(values, 'party')}/${text(values, 'location')}/${text(values, 'sku')}`,
    values['lot'] ?? '',
    text(values, 'on'),
  ],
  lane: stockLane,
  together: true,
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const opening = {
      ...stockKey(values, company),
      lot: values['lot'] ?? unlotted,
      quantity: decimalOf(values['quantity']),
      unit: values['unit'],
      receivedOn: values['received_on'],
      expiresOn: values['expires_on'],
      ownership: values['ownership'],
      cost: costOf(values),
    }
    return [step(stockAggregate, 'OpenStock', opening, timeOf(values['on'], values['zone'] ?? zone))]
  },
}

const stockMovements: Kind = {
  name: 'stock-movements',
  required: ['movement_id', 'kind', 'sku', 'on', 'quantity'],
  optional: [
    ...place,
    'line',
    'order_id',
    'shipment_id',
    'transfer_id',
    'unit_cost',
    'cost_currency',
    'received_on',
    'expires_on',
    'ownership',
    'reason',
    'end_customer',
  ],
  key: (values) => [text(values, 'movement_id'), values['line'] ?? '', ''],
  lane: stockLane,
  together: true,
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const { kind } = values
    const id = [values['movement_id'], values['line']].filter((part) => part !== undefined).join(':')
    const lot = values['lot'] ?? unlotted
    const quantity = decimalOf(values['quantity'])
    const key = stockKey(values, company)
    const facts = given({
      receivedOn: values['received_on'],
      expiresOn: values['expires_on'],
      ownership: values['ownership'],
    })
    const line = { lot, quantity }
    const taken = [line]
    const received = [{ ...line, ...facts }]
    const cost = costOf(values)
    const orderId = values['order_id']
    const transferId = values['transfer_id'] ?? values['movement_id']
    const at = timeOf(values['on'], values['zone'] ?? zone)
    switch (kind) {
      case 'receipt':
        return [step(stockAggregate, 'ReceiveStock', { ...key, receiptId: id, lines: received, cost }, at)]
      case 'issue': {
        const issue = { ...key, issueId: id, orderId, shipmentId: values['shipment_id'], lines: taken, cost }
        return [step(stockAggregate, 'IssueStock', issue, at)]
      }
      case 'return':
        return [step(stockAggregate, 'ReturnToStock', { ...key, returnId: id, orderId, lines: received }, at)]
      case 'transfer-out':
        return [step(stockAggregate, 'TransferOutStock', { ...key, transferId, lines: taken }, at)]
      case 'transfer-in':
        return [step(stockAggregate, 'TransferInStock', { ...key, transferId, receiptId: id, lines: received }, at)]
      case 'scrap': {
        const scrap = { ...key, scrapId: id, reason: values['reason'] ?? 'import', lines: taken }
        return [step(stockAggregate, 'ScrapStock', scrap, at)]
      }
      default: {
        // another word is refused by the shape of the row, as a resale is taken
        const resale = { ...key, reportId: id, source: 'import', lines: taken, endCustomer: values['end_customer'] }
        const one = step(stockAggregate, 'ReportResale', resale, at)
        const rule = 'receipt, issue, return, transfer-out, transfer-in, scrap or resale'
        return [kind === 'resale' ? one : { ...one, issues: [{ field: 'kind', rule }] }]
      }
    }
  },
}

const stockCounts: Kind = {
  name: 'stock-counts',
  required: ['count_id', 'sku', 'on', 'counted'],
  optional: place,
  key: (values) => [
    text(values, 'count_id'),
    `${text(values, 'party')}/${text(values, 'location')}/${text(values, 'sku')}/${text(values, 'lot')}`,
    '',
  ],
  lane: stockLane,
  together: true,
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

const accountLane = async (values: Values, { load }: Surroundings, on: string, zone: string): Promise<string> => {
  const at = timeOf(values[on], values['zone'] ?? zone)
  return at.includes('[') ? accountOf(load, text(values, 'dealer_id'), at) : text(values, 'dealer_id')
}

const invoices: Kind = {
  name: 'invoices',
  required: ['invoice_id', 'dealer_id', 'currency', 'issued_on', 'due_on'],
  optional: ['revision', 'kind', 'order_id', 'shipment_id', 'net', 'gross', 'rounding', 'zone'],
  lines: {
    name: 'invoice-lines',
    required: ['invoice_id', 'line_number', 'sku', 'quantity', 'unit', 'unit_price', 'line_value'],
    optional: ['order_line_number', 'tax_code', 'tax_rate', 'tax', 'freight'],
  },
  document: ['invoice_id'],
  key: (values) => [text(values, 'invoice_id'), '', values['revision'] ?? ''],
  lane: (values, around) => accountLane(values, around, 'issued_on', around.zone),
  async steps({ head: { values }, lines }, around) {
    const zone = values['zone'] ?? around.zone
    const { currency, gross } = values
    const invoice = {
      accountId: await accountLane(values, around, 'issued_on', zone),
      companyId: around.company,
      dealerId: values['dealer_id'],
      currency,
      invoiceId: values['invoice_id'],
      kind: values['kind'],
      orderId: values['order_id'],
      shipmentId: values['shipment_id'],
      lines: lines.map(({ values: line }) =>
        given({
          lineNo: wholeOf(line['line_number']),
          orderLineNo: wholeOf(line['order_line_number']),
          sku: line['sku'],
          quantity: decimalOf(line['quantity']),
          unit: line['unit'],
          unitPrice: decimalOf(line['unit_price']),
          lineValue: decimalOf(line['line_value']),
          tax: taxOf(line),
          freight: decimalOf(line['freight']),
        }),
      ),
      stated:
        gross === undefined
          ? undefined
          : given({ net: minorOf(values['net'], currency), gross: minorOf(gross, currency) }),
      rounding: values['rounding'],
      dueOn: values['due_on'],
      zone,
    }
    return [step(accountAggregate, 'IssueInvoice', invoice, timeOf(values['issued_on'], zone))]
  },
}

const payments: Kind = {
  name: 'payments',
  required: ['payment_id', 'dealer_id', 'currency', 'amount', 'received_on'],
  optional: ['method', 'reference', 'invoice_id', 'allocate', 'zone'],
  key: (values) => [text(values, 'payment_id'), '', ''],
  lane: (values, around) => accountLane(values, around, 'received_on', around.zone),
  async steps({ head: { values } }, around) {
    const zone = values['zone'] ?? around.zone
    const at = timeOf(values['received_on'], zone)
    const accountId = await accountLane(values, around, 'received_on', zone)
    const { payment_id: paymentId, invoice_id: invoiceId, currency } = values
    const amount = minorOf(values['amount'], currency)
    const payment = {
      accountId,
      companyId: around.company,
      dealerId: values['dealer_id'],
      currency,
      paymentId,
      amount,
      method: values['method'],
      reference: values['reference'],
      allocate: invoiceId === undefined ? values['allocate'] : undefined,
    }
    return [
      step(accountAggregate, 'ReceivePayment', payment, at),
      ...(invoiceId === undefined
        ? []
        : [
            step(
              accountAggregate,
              'AllocatePayment',
              { accountId, paymentId, to: [{ invoiceId, amount }] },
              at,
              'allocated',
            ),
          ]),
    ]
  },
}

/** Every kind, in the order in which an import takes them: what is referred to comes first. */
export const kinds: readonly Kind[] = [
  territories,
  dealers,
  products,
  priceLists,
  prices,
  promotions,
  stockOpenings,
  orders,
  shipments,
  stockMovements,
  stockCounts,
  invoices,
  payments,
]
