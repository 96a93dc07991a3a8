import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { addDays } from '../../domain/kernel/businessTime.ts'
import { region as regionSchema } from '../../domain/kernel/fields.ts'
import type { ErrorCode } from '../../domain/kernel/errors.ts'
import type { Rows } from './documents.ts'
import { ImportError, type Source } from './openDirectory.ts'
import { fieldAt, headerFault, readRows, type ReadOptions } from './readRows.ts'
import type { Finding, Row } from './row.ts'

/**
 * AdventureWorks' reseller side as rows of the neutral format (docs/import.md says what becomes what). Its dates are UTC;
 * its first day, a day before the first order, is the one from which dealers, territories and price lists stand.
 */
const firstDay = '2010-12-28'
const company = 'adventure-works'
const unit = 'EA'

/** Columns that the mapping cannot do without, by file. */
const files = {
  'territories.csv': ['territory_id', 'region', 'country'],
  'dealers.csv': ['dealer_id', 'name', 'business_type', 'city', 'state_province', 'country_code', 'territory_id'],
  'products.csv': ['product_key', 'sku', 'name', 'category', 'list_price_usd', 'dealer_price_usd', 'valid_from'],
  'promotions.csv': ['promotion_id', 'name', 'discount_pct', 'type', 'category', 'starts_on', 'ends_on', 'min_qty'],
  'order-lines.csv.gz': [
    'order_number',
    'line_number',
    'order_date',
    'dealer_id',
    'currency',
    'product_key',
    'sku',
    'promotion_id',
    'quantity',
    'unit_price',
    'sales_amount',
  ],
  'stock-movements.csv.gz': ['movement_date', 'product_key', 'sku', 'units_in', 'units_out', 'units_balance'],
} as const
type File = keyof typeof files

/** How often each file is read, for progress. */
const passes: Readonly<Record<File, number>> = {
  'territories.csv': 1,
  'dealers.csv': 1,
  'products.csv': 1,
  'promotions.csv': 1,
  'order-lines.csv.gz': 4,
  'stock-movements.csv.gz': 2,
}

/** Of countries whose dealers nobody has sold to. */
const countryCurrencies: Readonly<Record<string, string>> = { US: 'USD', CA: 'CAD', GB: 'GBP', AU: 'AUD' }

type Values = Readonly<Record<string, string>>
type Item = Row | Finding

/** Throws an `ImportError` when the directory is not that data set. */
export async function openAdventureWorks(dir: string, onBytes: (bytes: number) => void): Promise<Source> {
  let bytes = 0
  for (const [file, required] of Object.entries(files)) {
    const path = join(dir, file)
    const size = await stat(path).catch((error: unknown) => {
      throw new ImportError(`${path} cannot be read`, { cause: error })
    })
    // its other columns are taken as they are, or not at all
    const fault = await headerFault(path, { required, optional: [], prefix: '' })
    if (fault) throw new ImportError(`${file} is not that of the data set: ${JSON.stringify(fault.values)}`)
    bytes += size.size * (passes[file as File] ?? 1) // a key of `files`
  }
  const read = (file: File, options: Omit<ReadOptions, 'onBytes'> = {}): AsyncGenerator<readonly Row[]> =>
    readRows(join(dir, file), file, { ...options, onBytes })
  const [territories, dealers, versions, promotions] = await Promise.all([
    all(read('territories.csv')),
    all(read('dealers.csv')),
    all(read('products.csv')),
    all(read('promotions.csv')),
  ])
  const sales = await soldBy(read('order-lines.csv.gz', { only: ['currency', 'dealer_id', 'promotion_id', 'sku'] }))
  const versionByKey = new Map(versions.map(({ values }) => [values['product_key'] ?? '', values]))
  const priceLists = [...sales.currencies].sort()

  const rows: Readonly<Record<string, () => Rows>> = {
    territories: () => list(territories.map((row) => territoryRow(row, dealers))),
    dealers: () => list(dealers.flatMap((row) => dealerRows(row, sales.currenciesOf))),
    products: () => list(versions.flatMap((row) => productRows(row, versions))),
    'price-lists': () => list(listRows(priceLists, versions[0])),
    prices: () => list(versions.flatMap((row) => priceRows(row, versions, priceLists))),
    promotions: () => list(promotions.flatMap((row) => promotionRows(row, sales.skusOf, versions))),
    'stock-openings': () => openings((skip) => read('stock-movements.csv.gz', { skip })),
    orders: () => orderHeads((skip) => read('order-lines.csv.gz', { skip })),
    'order-lines': () => mapped(read('order-lines.csv.gz'), (row) => orderLine(row, versionByKey)),
    shipments: () => mapped(read('order-lines.csv.gz', { only: shipmentColumns }), (row) => [shipmentLine(row)]),
    'stock-movements': () => movements((skip) => read('stock-movements.csv.gz', { skip })),
  }
  return {
    system: 'adventureworks',
    company,
    zone: 'UTC',
    bytes,
    obstacles: [],
    rows: (name) => rows[name]?.(),
  }
}

function territoryRow(row: Row, dealers: readonly Row[]): Row {
  const { territory_id: id = '', region = '' } = row.values
  const own = dealers.filter(({ values }) => values['territory_id'] === id)
  // a country with one territory is that territory; of the others it is the states that its dealers trade in
  const regions = own.map(({ values }) =>
    dealers.some(
      (other) => other.values['country_code'] === values['country_code'] && other.values['territory_id'] !== id,
    )
      ? regionOf(values)
      : `${values['country_code'] ?? ''}/*`,
  )
  return neutral(row, {
    territory_id: id,
    name: region,
    regions: [...new Set(regions)].sort().join('|'),
    effective_from: firstDay,
  })
}

function dealerRows(row: Row, currenciesOf: ReadonlyMap<string, ReadonlySet<string>>): Item[] {
  const { dealer_id: id = '', country_code: country = '', state_province: state = '' } = row.values
  const region = regionOf(row.values)
  const inUse = [...(currenciesOf.get(id) ?? [])]
  const values = {
    dealer_id: id,
    name: row.values['name'],
    kind: row.values['business_type']?.toLowerCase().replaceAll(' ', '-'),
    country,
    region,
    city: row.values['city'],
    zone: 'UTC',
    currencies: (inUse.length > 0 ? inUse : [countryCurrencies[country] ?? 'EUR']).join('|'),
    territory_id: row.values['territory_id'],
    effective_from: firstDay,
  }
  return [
    neutral(row, values),
    ...(region === `${country}/${state}` ? [] : [note(row, 'import.adapted', { field: 'region', was: state, region })]),
    ...(inUse.length > 0 ? [] : [note(row, 'import.inferred', { field: 'currencies', currencies: values.currencies })]),
  ]
}

/** A region's name holds no brackets. */
function regionOf({ country_code: country = '', state_province: state = '' }: Values): string {
  const region = `${country}/${state}`
  return regionSchema.safeParse(region).success ? region : region.replaceAll(/[^\p{L}\p{N} .'’_/-]/gu, '')
}

const attributes = ['color', 'size', 'weight', 'product_line', 'class', 'style', 'model', 'finished_good'] as const

function productRows(row: Row, versions: readonly Row[]): Item[] {
  const { product_key: key = '', sku = '', category = '', valid_from: from = '', valid_to: to = '' } = row.values
  // what was in stock and sold on the first day was a product then, whatever its first version says
  const isFirst = !versions.some(({ values }) => values['sku'] === sku && (values['valid_from'] ?? '') < from)
  const effective = isFirst && from > firstDay ? firstDay : from
  const described = attributes.flatMap((name) => {
    const value = row.values[name]?.trim()
    return value ? [[`attribute.${name}`, value] as const] : []
  })
  const written = category === '' ? 'Uncategorised' : category
  return [
    neutral(row, {
      sku,
      name: row.values['name'],
      description: row.values['description_en'],
      description_zh: row.values['description_zh'],
      category: written,
      subcategory: row.values['subcategory'],
      unit,
      effective_from: effective,
      'attribute.product_key': key,
      ...Object.fromEntries(described),
    }),
    ...(to !== '' && to < from ? [note(row, 'import.period_reversed', { valid_from: from, valid_to: to })] : []),
    ...(effective === from ? [] : [note(row, 'import.inferred', { field: 'effective_from', was: from, effective })]),
    ...(category === written ? [] : [note(row, 'import.adapted', { field: 'category', was: '', category: written })]),
  ]
}

function listRows(currencies: readonly string[], first: Row | undefined): Item[] {
  if (!first) return []
  const what = { prices: 'dealer_price_usd', published_in: currencies.join(', ') }
  return [
    ...currencies.map((currency) =>
      neutral(first, {
        list_id: listOf(currency),
        name: `Dealer prices ${currency}`,
        currency,
        effective_from: firstDay,
      }),
    ),
    note({ ...first, line: 1 }, 'import.inferred', what),
  ]
}

/** One set of numbers, published once per currency: from a version's start to the next version of its sku. */
function priceRows(row: Row, versions: readonly Row[], currencies: readonly string[]): Item[] {
  const { product_key: key = '', sku = '', valid_from: from = '', dealer_price_usd: price } = row.values
  if (price === undefined) return [note(row, 'import.price_missing', { product_key: key, sku })]
  const later = versions
    .filter(({ values }) => values['sku'] === sku)
    .map(({ values }) => values['valid_from'] ?? '')
    .filter((start) => start > from)
  const [next] = later.sort()
  return currencies.map((currency) =>
    neutral(row, {
      list_id: listOf(currency),
      sku,
      unit,
      currency,
      price,
      recommended_retail: row.values['list_price_usd'],
      effective_from: from,
      effective_until: next,
    }),
  )
}

function listOf(currency: string): string {
  return `dealer-${currency.toLowerCase()}`
}

/**
 * The data does not say what a promotion is for. Volume discounts are for everything; the others for what was sold under
 * them, else for the model that they are named after, else for their category of customers, which no dealer belongs to.
 */
function promotionRows(row: Row, skusOf: ReadonlyMap<string, ReadonlySet<string>>, versions: readonly Row[]): Item[] {
  const { promotion_id: id = '', name = '', type = '', category = '', min_qty: min, ends_on: end = '' } = row.values
  const isForAll = type === 'Volume Discount' || row.values['discount_pct'] === '0'
  const models = versions.filter(({ values }) => values['model'] !== undefined && name.startsWith(values['model']))
  const sold = [...(skusOf.get(id) ?? [])]
  const skus = sold.length > 0 ? sold : [...new Set(models.map(({ values }) => values['sku'] ?? ''))]
  const scope: Record<string, string> = isForAll
    ? {}
    : skus.length > 0
      ? { skus: skus.sort().join('|') }
      : { tiers: category.toLowerCase() }
  return [
    neutral(row, {
      promotion_id: id,
      name,
      discount: row.values['discount_pct'],
      starts_at: row.values['starts_on'],
      ends_at: end === '' ? end : addDays(end, 1),
      min_quantity: min === '0' ? undefined : min,
      max_quantity: row.values['max_qty'],
      ...scope,
    }),
    ...(isForAll ? [] : [note(row, 'import.inferred', { field: 'scope', ...scope, skus: `${skus.length}` })]),
  ]
}

/** Reads a file without the lines that say nothing new. */
type Reading = (skip: NonNullable<ReadOptions['skip']>) => AsyncIterable<readonly Row[]>

async function* openings(reading: Reading): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>()
  const skip = (names: readonly string[]): ((text: string) => boolean) => {
    const lot = names.indexOf('product_key')
    return (text) => seen.has(fieldAt(text, lot))
  }
  yield* mapped(reading(skip), (row) => {
    const { product_key: lot = '', movement_date: on, sku, units_balance: quantity } = row.values
    // a broken row is reported with the movements
    if (row.broken || seen.has(lot)) return []
    seen.add(lot)
    return [neutral(row, { sku, lot, on, quantity, unit, ...costOf(row.values) })]
  })
}

/** One row with goods in and goods out is two movements; the balance is compared by nobody here, only looked at. */
async function* movements(reading: Reading): AsyncGenerator<readonly Item[]> {
  const seen = new Set<string>()
  const skip = (names: readonly string[]): ((text: string) => boolean) => {
    const [lot, goodsIn, goodsOut, balance] = ['product_key', 'units_in', 'units_out', 'units_balance'].map((name) =>
      names.indexOf(name),
    ) as [number, number, number, number] // one for each of the four names
    return (text) =>
      fieldAt(text, goodsIn) === '0' &&
      fieldAt(text, goodsOut) === '0' &&
      !fieldAt(text, balance).startsWith('-') &&
      seen.has(fieldAt(text, lot))
  }
  yield* mapped(reading(skip), (row) => {
    const { product_key: lot = '', movement_date: on = '', sku, units_in, units_out, units_balance = '' } = row.values
    if (row.broken) return [row]
    const items: Item[] = units_balance.startsWith('-')
      ? [note(row, 'import.negative_balance', { sku: sku ?? '', product_key: lot, units_balance })]
      : []
    if (!seen.has(lot)) {
      seen.add(lot)
      return items
    }
    const movement = (line: string, kind: string, quantity: string | undefined): void => {
      if (quantity === '0') return
      const id = `${on}/${lot}`
      items.push(neutral(row, { movement_id: id, line, kind, sku, lot, on, quantity, ...costOf(row.values) }))
    }
    movement('in', 'receipt', units_in)
    movement('out', 'issue', units_out)
    return items
  })
}

function costOf({ unit_cost_usd: cost }: Values): Record<string, string> {
  return cost === undefined ? {} : { unit_cost: cost, cost_currency: 'USD' }
}

async function* orderHeads(reading: Reading): AsyncGenerator<readonly Item[]> {
  let order: string | undefined
  const skip = (names: readonly string[]): ((text: string) => boolean) => {
    const number = names.indexOf('order_number')
    return (text) => fieldAt(text, number) === order
  }
  yield* mapped(reading(skip), (row) => {
    // a broken row is reported with the lines
    if (row.broken || row.values['order_number'] === order) return []
    order = row.values['order_number']
    const { order_date: ordered, due_date: due, purchase_order_number: reference } = row.values
    return [
      neutral(row, {
        order_id: order,
        dealer_id: row.values['dealer_id'],
        currency: row.values['currency'],
        ordered_on: ordered,
        affects_stock: 'false',
        requested_delivery_on: due,
        customer_reference: reference,
        territory_id: row.values['territory_id'],
      }),
    ]
  })
}

function orderLine(row: Row, versions: ReadonlyMap<string, Values>): Item[] {
  const { values } = row
  const { product_key: key = '', order_date: on = '', sku = '' } = values
  const from = versions.get(key)?.['valid_from']
  const line = neutral(row, {
    order_id: values['order_number'],
    line_number: values['line_number'],
    sku,
    unit,
    quantity: values['quantity'],
    unit_price: values['unit_price'],
    extended: values['extended_amount'],
    discount_share: values['unit_price_discount_pct'],
    discount: values['discount_amount'],
    promotion_id: values['promotion_id'],
    line_value: values['sales_amount'],
    product_version: key,
    tax_code: 'sales-tax',
    tax: values['tax_amount'],
    freight: values['freight'],
  })
  const isEarly = from !== undefined && on < from
  return isEarly
    ? [line, note(row, 'import.before_validity', { sku, product_key: key, sold_on: on, valid_from: from })]
    : [line]
}

const shipmentColumns = ['order_number', 'tracking_number', 'ship_date', 'line_number', 'quantity']

function shipmentLine(row: Row): Row {
  const { order_number: order = '', tracking_number: tracking } = row.values
  return neutral(row, {
    order_id: order,
    shipment_id: `${order}-1`,
    shipped_on: row.values['ship_date'],
    line_number: row.values['line_number'],
    quantity: row.values['quantity'],
    tracking_number: tracking,
  })
}

/** Which currencies a dealer buys in, and what was sold under a promotion: only the order lines say. */
async function soldBy(batches: AsyncIterable<readonly Row[]>): Promise<{
  readonly currencies: ReadonlySet<string>
  readonly currenciesOf: ReadonlyMap<string, ReadonlySet<string>>
  readonly skusOf: ReadonlyMap<string, ReadonlySet<string>>
}> {
  const currencies = new Set<string>()
  const currenciesOf = new Map<string, Set<string>>()
  const skusOf = new Map<string, Set<string>>()
  const put = (map: Map<string, Set<string>>, key: string, value: string): void => {
    const set = map.get(key)
    if (set) set.add(value)
    else map.set(key, new Set([value]))
  }
  for await (const rows of batches) {
    for (const { values, broken } of rows) {
      const { currency, dealer_id: dealer, promotion_id: promotion, sku } = values
      if (broken || !currency || !dealer || !promotion || !sku) continue
      currencies.add(currency)
      put(currenciesOf, dealer, currency)
      put(skusOf, promotion, sku)
    }
  }
  return { currencies, currenciesOf, skusOf }
}

/** The row in the words of the neutral format, standing where it stood. */
function neutral({ file, line, broken }: Row, values: Readonly<Record<string, string | undefined>>): Row {
  const defined = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  // undefined values were left out
  const row = { file, line, values: Object.fromEntries(defined) as Record<string, string> }
  return broken ? { ...row, broken } : row
}

function note({ file, line }: Row, code: ErrorCode, values: Values): Finding {
  return { file, line, code, values, consequence: 'recorded' }
}

async function* mapped(
  batches: AsyncIterable<readonly Row[]>,
  map: (row: Row) => readonly Item[],
): AsyncGenerator<readonly Item[]> {
  for await (const rows of batches) {
    const items = rows.flatMap(map)
    if (items.length > 0) yield items
  }
}

async function* list(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  yield items
}

async function all(batches: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}
