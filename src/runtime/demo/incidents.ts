import { createHash } from 'node:crypto'
import { principalAggregate } from '../../domain/access/decide.ts'
import { productAggregate } from '../../domain/catalogue/decide.ts'
import { accountAggregate } from '../../domain/credit/account.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { territoryAggregate } from '../../domain/dealers/territory.ts'
import { fulfilmentAggregate } from '../../domain/fulfilment/decide.ts'
import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { compare } from '../../domain/kernel/decimalText.ts'
import { rows } from '../../domain/kernel/table.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { linesOf } from '../../domain/orders/state.ts'
import { undeliveredAmount } from '../../domain/orders/undelivered.ts'
import { priceListsAggregate } from '../../domain/pricing/priceLists.ts'
import { priceAggregate } from '../../domain/pricing/prices.ts'
import { promotionsAggregate } from '../../domain/pricing/promotions.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { stockId } from '../../domain/stock/stockKey.ts'
import { webhookAggregate } from '../../domain/webhooks/webhook.ts'
import type { CommandHandler } from '../../ledger/commands.ts'
import { runFulfilment } from '../../workers/fulfilment/runFulfilment.ts'
import { processCommand } from '../../workers/processCommand.ts'
import { demoProducts, listPrice, type DemoProduct } from './catalogue.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import { warehouseOf, warehouses } from './demand.ts'
import { admin, demoPrincipals, finance, sales, supplier, warehouse } from './names.ts'
import type { OrderLife } from './orderLife.ts'
import { changePrice, setLimit } from './setUp.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

/** What does not happen every month, each on its day: so that everything that can happen to a channel is in it once. */
export function planIncidents(world: World, orders: OrderLife): void {
  const on = (date: string, hourOfDay: number, action: () => Promise<void>, zone = companyZone): void =>
    world.plan(startOfDay(date, zone) + hourOfDay * hour, action)

  on('2024-11-04', 9, () => takeOverOpenOrders(world, orders))
  on('2024-11-04', 9.5, () => takeOverOpenInvoice(world))
  on('2024-12-03', 10, () => orderFromDraft(world, orders))
  on('2024-12-10', 10, () => issueKeys(world))
  on('2024-12-11', 10, () => bindAnalyst(world))
  on('2024-12-12', 10, () => connectWebhooks(world))
  on('2025-01-14', 10, () => admitDealer(world))
  on('2025-02-18', 20, () => stopInTheMiddle(world, orders))
  on('2025-03-11', 20, () => amendInTheMiddle(world, orders))
  on('2025-03-18', 20, () => holdInTheMiddle(world, orders))
  on('2025-03-05', 10, () => returnAfterSettlement(world, orders))
  on('2025-04-08', 10, () => grantTerritory(world))
  on('2025-04-15', 9, () => miscount(world))
  on('2025-05-13', 10, () => renewProducts(world))
  on('2025-06-17', 9, () => repriceOpenOrder(world, orders))
  on('2025-07-08', 10, () => suspend(world, '2025-08-05'))
  on('2025-09-02', 10, () => orderAboveLimit(world, orders))
  on('2025-10-14', 10, () => cutSupply(world))
  on('2025-11-12', 10, () => callOffPromotion(world))
  for (const dealerId of ['EU001', 'EU021'])
    on('2025-11-18', 10, () => rejectDelivery(world, orders, dealerOf(dealerId)))
  on('2026-01-20', 10, () => tidyPrices(world))
  on('2026-02-10', 10, () => changeTiers(world))
  on('2026-03-10', 10, () => changeStaff(world))
  on('2026-04-14', 10, () => letDealerGo(world))
}

const dealerOf = (dealerId: string): DemoDealer => {
  const dealer = demoDealers.find((one) => one.dealerId === dealerId)
  if (dealer === undefined) throw new RangeError(`no dealer ${dealerId}`)
  return dealer
}
const productOf = (sku: string): DemoProduct => {
  const product = demoProducts.find((one) => one.sku === sku)
  if (product === undefined) throw new RangeError(`no product ${sku}`)
  return product
}

/** Orders that were open in the system before: imported as they were, then taken into the normal flow. */
async function takeOverOpenOrders(world: World, orders: OrderLife): Promise<void> {
  for (const [index, dealerId] of ['CN002', 'CN006', 'EU021'].entries()) {
    const dealer = dealerOf(dealerId)
    const { currency } = dealer
    const { party, location } = warehouseOf(dealer)
    const product = productOf(`GR-${100 + index * 10}`)
    const orderId = `LEGACY-${7731 + index}`
    const unitPrice = listPrice(product, currency, 98)
    const line = { lineNo: 1, sku: product.sku, unit: 'EA', quantity: '10', unitPrice, lineValue: tenTimes(unitPrice) }
    const header = {
      orderId,
      companyId: company,
      dealerId,
      currency,
      shipFrom: { party, location },
      affectsStock: true,
    }
    const source = { kind: 'import' as const, system: 'legacy-erp', document: orderId }
    const recorded = { type: 'RecordOrder' as const, ...header, lines: [line] }
    await world.run(orderAggregate, recorded, admin, { recorded: true, source })
    await world.run(orderAggregate, { type: 'AdoptOrder', orderId }, sales)
    orders.fulfil(orderId, dealer)
  }
}

/** What was owed when the system changed; the paper's total is a fen above the sum of its lines, and stands. */
async function takeOverOpenInvoice(world: World): Promise<void> {
  const dealerId = 'CN002'
  const accountId = await accountOf(world.handler.load, dealerId, world.at())
  const document = { accountId, companyId: company, dealerId, currency: 'CNY' }
  const invoiceId = 'LEGACY-INV-5012'
  const line = { lineNo: 1, sku: 'GR-100', quantity: '20', unit: 'EA', unitPrice: '185.22', lineValue: '3704.4' }
  await world.run(
    accountAggregate,
    {
      type: 'IssueInvoice',
      ...document,
      invoiceId,
      kind: 'invoice',
      lines: [line],
      rounding: 'half-up',
      stated: { gross: '370441' },
      dueOn: '2024-11-30',
      zone: companyZone,
    },
    admin,
    { recorded: true, source: { kind: 'import', system: 'legacy-erp', document: invoiceId } },
  )
  world.planIn(25, 11, companyZone, async () => {
    const payment = { type: 'ReceivePayment' as const, ...document, paymentId: 'PAY-LEGACY-1', amount: '370441' }
    const how = { method: 'bank_transfer' as const, allocate: 'oldest_first' as const, reference: invoiceId }
    await world.run(accountAggregate, { ...payment, ...how }, finance)
  })
}

/** Ten times a price with two digits, exactly. */
function tenTimes(price: string): string {
  const [whole = '0', fraction = '00'] = price.split('.')
  return `${BigInt(`${whole}${fraction}`) / 10n}.${fraction.slice(1)}`
}

async function orderFromDraft(world: World, orders: OrderLife): Promise<void> {
  const dealer = dealerOf('CN001')
  const { dealerId, currency } = dealer
  const { party, location } = warehouseOf(dealer)
  const buyer: Actor = { id: 'dealer-li', zone: dealer.zone }
  const header = { companyId: company, dealerId, currency, shipFrom: { party, location }, affectsStock: true }
  const lines = [{ lineNo: 1, sku: 'DR-100', unit: 'EA', quantity: '12' }]
  const draft = async (orderId: string): Promise<void> => {
    const note = '等经理确认数量'
    await world.run(orderAggregate, { type: 'DraftOrder', orderId, ...header, lines, note }, buyer)
  }
  await draft('SO-DRAFT-1')
  await draft('SO-DRAFT-2')
  world.planIn(1, 14, dealer.zone, async () => {
    const placed = {
      type: 'PlaceOrder' as const,
      orderId: 'SO-DRAFT-1',
      ...header,
      placedVia: 'portal' as const,
      lines,
    }
    await world.run(orderAggregate, placed, buyer)
    await world.run(orderAggregate, { type: 'CancelOrder', orderId: 'SO-DRAFT-2', reason: 'duplicate' }, buyer)
    orders.fulfil('SO-DRAFT-1', dealer)
  })
}

/** Nobody knows the keys behind these hashes. */
async function issueKeys(world: World): Promise<void> {
  const issue = async (principalId: string, keyId: string, label: string): Promise<void> => {
    const hash = createHash('sha256').update(`${keyId}/${world.chance.next()}`).digest('hex')
    await world.run(principalAggregate, { type: 'IssueApiKey', principalId, keyId, hash, label }, admin)
  }
  await issue('dealer-wang', 'key-erp-1', 'ERP of CN001')
  await issue('supplier-kato', 'key-edi-1', 'EDI gateway')
  world.planIn(200, 10, companyZone, async () => {
    await issue('dealer-wang', 'key-erp-2', 'ERP of CN001, renewed')
    const revoked = { type: 'RevokeApiKey' as const, principalId: 'dealer-wang', keyId: 'key-erp-1', reason: 'rotated' }
    await world.run(principalAggregate, revoked, admin)
  })
}

/** Nobody knows the password, and the login is revoked again; the analyst ends with the whole channel. */
async function bindAnalyst(world: World): Promise<void> {
  const principalId = 'analyst-meyer'
  const some = (bytes: number): string =>
    createHash('sha256').update(`${principalId}/${bytes}`).digest().subarray(0, bytes).toString('base64')
  const login = {
    principalId,
    login: `analyst_${createHash('sha256').update(principalId).digest('hex').slice(0, 12)}`,
    verifier: `SCRAM-SHA-256$4096:${some(16)}$${some(32)}:${some(32)}`,
    expiresAt: '2030-01-01T00:00:00.000Z[UTC]',
  }
  await world.run(principalAggregate, { type: 'SetReadingScope', principalId, territories: ['EU-WEST'] }, admin)
  await world.run(principalAggregate, { type: 'IssueDatabaseLogin', ...login }, admin)
  await world.run(principalAggregate, { type: 'RevokeDatabaseLogin', principalId, reason: 'trial-over' }, admin)
  await world.run(principalAggregate, { type: 'SetReadingScope', principalId }, admin)
}

/** They end disabled or removed: a demonstration calls nobody. */
async function connectWebhooks(world: World): Promise<void> {
  const register = async (webhookId: string, types: readonly string[], dealerId?: string): Promise<void> => {
    await world.run(
      webhookAggregate,
      {
        type: 'RegisterWebhook',
        webhookId,
        url: `https://hooks.example.com/${webhookId}`,
        secretId: 's1',
        eventTypes: [...types],
        ...(dealerId !== undefined && { dealerId }),
      },
      admin,
    )
  }
  await register('erp-orders', ['OrderPlaced', 'OrderConfirmed', 'OrderCancelled'])
  await register('cn001-shipments', ['ShipmentDispatched', 'ShipmentDelivered'], 'CN001')
  world.planIn(30, 10, companyZone, async () => {
    await world.run(webhookAggregate, { type: 'DisableWebhook', webhookId: 'erp-orders', reason: 'maintenance' }, admin)
    await world.run(webhookAggregate, { type: 'RemoveWebhook', webhookId: 'cn001-shipments' }, admin)
  })
  world.planIn(31, 10, companyZone, async () => {
    await world.run(webhookAggregate, { type: 'EnableWebhook', webhookId: 'erp-orders' }, admin)
    await world.run(webhookAggregate, { type: 'RotateWebhookSecret', webhookId: 'erp-orders', secretId: 's2' }, admin)
  })
  world.planIn(400, 10, companyZone, async () => {
    await world.run(webhookAggregate, { type: 'DisableWebhook', webhookId: 'erp-orders', reason: 'unused' }, admin)
  })
}

const newcomer = 'CN201'

/** A second-tier dealer comes in, moves to another parent, and leaves in the second year (`letDealerGo`). */
async function admitDealer(world: World): Promise<void> {
  const effectiveAt = world.at()
  const profile = {
    legalName: {
      en: 'Ningbo Tools CN201',
      'zh-CN': '宁波工具有限公司',
    },
    kind: 'specialist-dealer',
    country: 'CN',
    region: 'CN/ZJ',
    city: 'Ningbo',
    zone: companyZone,
    currencies: ['CNY'],
  }
  const contact = { personId: 'contact-CN201', name: '孙丽', phone: '+86 138 0000 7001' }
  const place = { tierLevel: 2 as const, parentDealerId: 'CN005' }
  const registered = { type: 'RegisterDealer' as const, dealerId: newcomer, companyId: company, ...profile, ...place }
  await world.run(dealerAggregate, { ...registered, contact, effectiveAt }, sales)
  world.planIn(60, 10, companyZone, async () => {
    const moved = { type: 'AssignDealerParent' as const, dealerId: newcomer, tierLevel: 2 as const }
    await world.run(dealerAggregate, { ...moved, parentDealerId: 'CN006', effectiveAt: world.at() }, sales)
    const currencies = ['CNY', 'USD']
    const revised = { type: 'ReviseDealerProfile' as const, dealerId: newcomer, ...profile, currencies }
    await world.run(dealerAggregate, { ...revised, effectiveAt: world.at() }, sales)
    const next = { personId: 'contact-CN201-b', name: '朱明', email: 'zhu@dealer.example.cn' }
    const changed = { type: 'ChangeDealerContact' as const, dealerId: newcomer, changeId: 'change-1', contact: next }
    await world.run(dealerAggregate, { ...changed, effectiveAt: world.at() }, sales)
  })
}

async function letDealerGo(world: World): Promise<void> {
  const plan = { reason: 'contract-ended', settlementPlan: 'final-statement', stockBuyBack: false }
  const command = { type: 'ExitDealer' as const, dealerId: newcomer, ...plan, effectiveAt: world.at() }
  await world.run(dealerAggregate, command, sales)
}

/** The handler of a process that dies after so many commands. */
function dyingHandler(handler: CommandHandler, commands: number): Pick<CommandHandler, 'execute' | 'load'> {
  let left = commands
  return {
    load: handler.load,
    execute(aggregate, command, meta) {
      left -= 1
      return left < 0 ? Promise.reject(new Stopped()) : handler.execute(aggregate, command, meta)
    },
  }
}

class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** started, credit reserved, the one line reserved: each step and its record */
const untilReserved = 5

/** A worker dies when an order has its stock reserved: gives the placed event's id. */
async function dieWithOrder(world: World, orders: OrderLife): Promise<{ orderId: string; dealer: DemoDealer }> {
  const dealer = dealerOf('CN004')
  const orderId = await orders.order(dealer, [{ product: productOf('BL-110'), quantity: 9 }])
  if (orderId === undefined) throw new Error(`${dealer.dealerId} may not order`)
  const [placed] = await world.store.readStream(`order-${orderId}`)
  if (placed === undefined) throw new Error(`${orderId} has no events`)
  const { id: causationId, correlationId } = placed
  const request = { cause: 'placed' as const, requestId: causationId }
  const run = runFulfilment(dyingHandler(world.handler, untilReserved), orderId, world.at(), {
    policy: world.ports.policy,
    correlationId,
    causationId,
    request,
  })
  await run.catch((error: unknown) => {
    if (!(error instanceof Stopped)) throw error
  })
  return { orderId, dealer }
}

/** The worker comes back after hours: reservation and deadline have passed, the order is held, and a person goes on. */
async function stopInTheMiddle(world: World, orders: OrderLife): Promise<void> {
  const { orderId, dealer } = await dieWithOrder(world, orders)
  world.plan(world.now() + 5 * hour, async () => {
    const { party, location } = warehouseOf(dealer)
    const process = await world.handler.load(fulfilmentAggregate, orderId)
    if (process.phase === 'none') return
    const { attempt } = process.attempt
    const reservationId = `${orderId}/${attempt}`
    const meta = (system: string) => ({ system, kind: 'schedule' as const, at: world.at(), correlationId: orderId })
    const expire = { type: 'ExpireReservation' as const, party, location, sku: 'BL-110', reservationId }
    const stockKey = `${party}/${location}/BL-110/${reservationId}/expire`
    await processCommand(world.handler, stockAggregate, expire, stockKey, meta('stock'))
    const pass = { type: 'PassDeadline' as const, orderId, attempt }
    await processCommand(world.handler, fulfilmentAggregate, pass, `${orderId}/deadline/${attempt}`, meta('fulfilment'))
  })
  world.planIn(1, 11, companyZone, async () => {
    const release = { type: 'ReleaseHold' as const, orderId, kind: 'manual' as const, reason: 'checked' }
    await world.attempt(orderAggregate, release, sales)
  })
}

/** The dealer amends the order while its process stands still; the next worker undoes the attempt and begins anew. */
async function amendInTheMiddle(world: World, orders: OrderLife): Promise<void> {
  const { orderId, dealer } = await dieWithOrder(world, orders)
  world.plan(world.now() + hour / 6, async () => {
    const lines = [{ lineNo: 1, quantity: '7' }]
    const buyer: Actor = { id: `buyer-${dealer.dealerId}`, zone: dealer.zone }
    const amended = { type: 'AmendOrder' as const, orderId, lines, reason: 'dealer-request' }
    const [event] = await world.run(orderAggregate, amended, buyer)
    if (event === undefined) return
    const { id: causationId, correlationId } = event
    const request = { cause: 'amended' as const, requestId: causationId }
    const more = { policy: world.ports.policy, correlationId, causationId, request }
    await runFulfilment(world.handler, orderId, world.at(), more)
  })
}

/** Sales holds the order while its process stands still: the next worker cannot confirm it, and begins anew when it is free. */
async function holdInTheMiddle(world: World, orders: OrderLife): Promise<void> {
  const { orderId } = await dieWithOrder(world, orders)
  const held = { orderId, kind: 'risk' as const }
  await world.run(orderAggregate, { type: 'HoldOrder', ...held, reason: 'fraud-check' }, sales)
  world.planIn(1, 10, companyZone, async () => {
    await world.run(orderAggregate, { type: 'ReleaseHold', ...held, reason: 'checked' }, sales)
  })
}

/** Half of a large order comes back when the rebate on it has been paid: the next run takes its share back. */
async function returnAfterSettlement(world: World, orders: OrderLife): Promise<void> {
  const dealer = dealerOf('CN001')
  const orderId = await orders.order(dealer, [{ product: productOf('MW-140'), quantity: 60 * world.scale }])
  if (orderId === undefined) return
  world.planIn(55, 10, companyZone, async () => {
    const order = await world.handler.load(orderAggregate, orderId)
    const [line] = order.phase === 'placed' ? linesOf(order) : []
    const returned = 20 * world.scale
    if (line === undefined || compare(line.quantities.delivered, String(returned)) < 0) return
    const lines = [{ lineNo: 1, quantity: String(returned) }]
    const goods = { orderId, returnId: `${orderId}-R1`, reason: 'unsold' }
    await world.run(orderAggregate, { type: 'AuthoriseReturn', ...goods, lines }, sales)
    const received = lines.map((one) => ({ ...one, condition: 'restock' as const }))
    await world.run(orderAggregate, { type: 'ReceiveReturn', ...goods, lines: received }, warehouse)
  })
}

/** A new territory, exclusive for a year. */
async function grantTerritory(world: World): Promise<void> {
  const territoryId = 'CN-HI'
  const name = { en: 'Hainan', 'zh-CN': '海南' }
  const picture = { territoryId, name, regions: ['CN/HI'], exclusive: true }
  const defined = { type: 'DefineTerritory' as const, companyId: company, ...picture, effectiveAt: world.at() }
  await world.run(territoryAggregate, defined, sales)
  const holder = { territoryId, dealerId: 'CN003' }
  await world.run(territoryAggregate, { type: 'GrantTerritory', ...holder, effectiveAt: world.at() }, sales)
  world.planIn(90, 10, companyZone, async () => {
    const named = { en: 'Hainan Free Trade Port', 'zh-CN': '海南自贸港' }
    const revised = { type: 'ReviseTerritory' as const, ...picture, name: named, effectiveAt: world.at() }
    await world.run(territoryAggregate, revised, sales)
  })
  world.planIn(365, 10, companyZone, async () => {
    await world.run(territoryAggregate, { type: 'ReleaseTerritory', ...holder, effectiveAt: world.at() }, sales)
  })
}

/** Somebody counts the wrong shelf: the count is declared in error and done again. */
async function miscount(world: World): Promise<void> {
  const key = { party: company, location: 'SHANGHAI', sku: 'MW-200' }
  const id = stockId(key)
  const { lots } = await world.handler.load(stockAggregate, id)
  const count = (countId: string, wrong: boolean) =>
    world.run(
      stockAggregate,
      {
        type: 'CountStock',
        ...key,
        countId,
        complete: false,
        lines: Object.entries(lots).map(([lot, { level }]) => ({
          lot,
          counted: wrong ? '1' : level.onHand,
        })),
      },
      warehouse,
    )
  const [wrong] = await count('2025-04-miscount', true)
  const [right] = await count('2025-04-recount', false)
  if (wrong === undefined || right === undefined) return
  const declaration = { eventId: wrong.id, reason: 'incorrect_data' as const, correctiveEventIds: [right.id] }
  const outcome = await world.declare(stockAggregate, id, declaration, {
    at: world.at(),
    actor: admin.id,
    source: { kind: 'command' },
    correlationId: 'demo-miscount',
  })
  if (!outcome.ok) throw new Error(`the count was not declared in error: ${outcome.refusal.refused}`)
}

async function renewProducts(world: World): Promise<void> {
  for (const sku of ['BT-100', 'BT-110', 'DR-100']) {
    const { en, zh, category, subcategory, lotTracked } = productOf(sku)
    const name = { en: `${en} Mk II`, 'zh-CN': `${zh} 二代` }
    const picture = { name, category, subcategory, unit: 'EA', lotTracked, attributes: { generation: '2' } }
    const command = { type: 'ReviseProduct' as const, sku, ...picture, effectiveAt: world.at() }
    await world.run(productAggregate, command, sales)
  }
  const sku = 'SW-340'
  const withdrawn = { type: 'WithdrawProduct' as const, sku, reason: 'safety-check', effectiveAt: world.at() }
  await world.run(productAggregate, withdrawn, sales)
  world.planIn(21, 10, companyZone, async () => {
    await world.run(productAggregate, { type: 'ReinstateProduct', sku, effectiveAt: world.at() }, sales)
  })
}

/** The price falls on the day of an order that is not shipped yet, and the maker gives it the new one. */
async function repriceOpenOrder(world: World, orders: OrderLife): Promise<void> {
  const product = productOf('TR-130')
  const orderId = await orders.order(dealerOf('CN008'), [{ product, quantity: 6 }])
  if (orderId === undefined) return
  world.plan(world.now() + 2 * hour, async () => {
    await changePrice(world, 'BASE-CNY', product, 'CNY', 92, 'competition')
    await world.attempt(orderAggregate, { type: 'ApplyReprice', orderId, reason: 'price-drop' }, sales)
  })
}

async function suspend(world: World, until: string): Promise<void> {
  const dealerId = 'CN109'
  const status = { dealerId, reason: 'price-violation' }
  await world.run(dealerAggregate, { type: 'SuspendDealer', ...status, effectiveAt: world.at() }, sales)
  const risk = await world.run(
    accountAggregate,
    { type: 'PlaceCreditHold', accountId: await accountOf(world.handler.load, dealerId, world.at()), party: dealerId },
    finance,
  )
  world.plan(startOfDay(until, companyZone) + 10 * hour, async () => {
    const reinstated = { type: 'ReinstateDealer' as const, dealerId, reason: 'remedied', effectiveAt: world.at() }
    await world.run(dealerAggregate, reinstated, sales)
    for (const { data } of risk) {
      // a CreditHoldPlaced
      const { accountId, holdId } = data as { accountId: string; holdId: string }
      await world.attempt(accountAggregate, { type: 'ReleaseCreditHold', accountId, holdId }, finance)
    }
  })
}

/** A dealer orders far more than its limit; finance lets the order pass the next day, and raises the limit in time. */
async function orderAboveLimit(world: World, orders: OrderLife): Promise<void> {
  const dealer = dealerOf('CN010')
  const orderId = await orders.order(dealer, [{ product: productOf('MW-150'), quantity: 300 * world.scale }])
  if (orderId === undefined) return
  world.planIn(1, 15, companyZone, async () => {
    const order = await world.handler.load(orderAggregate, orderId)
    if (order.phase !== 'placed' || !order.holds.includes('credit')) return
    const { dealerId, currency } = dealer
    const accountId = await accountOf(world.handler.load, dealerId, world.at())
    const upTo = undeliveredAmount(order).amount
    await world.run(
      accountAggregate,
      {
        type: 'ApproveCreditOverride',
        accountId,
        orderId,
        dealerId,
        currency,
        upTo,
        overrideId: `OV-${orderId}`,
        reason: '春季备货，总经理批准',
      },
      finance,
    )
  })
  world.planIn(40, 10, companyZone, () => setLimit(world, dealer, 130))
}

/** Goods are refused at the door after their invoice was written: it is taken back, and so are they. */
async function rejectDelivery(world: World, orders: OrderLife, dealer: DemoDealer): Promise<void> {
  const orderId = await orders.order(dealer, [{ product: productOf('MW-230'), quantity: 3 }])
  if (orderId === undefined) return
  world.planIn(13, 16, dealer.zone, async () => {
    const order = await world.handler.load(orderAggregate, orderId)
    const accountId = await accountOf(world.handler.load, dealer.dealerId, world.at())
    const { invoices } = await world.handler.load(accountAggregate, accountId)
    const lines = order.phase === 'placed' ? linesOf(order) : []
    const back = lines.flatMap(({ terms: { lineNo }, quantities: { delivered } }) =>
      delivered === '0' ? [] : [{ lineNo, quantity: delivered }],
    )
    if (back.length === 0) return
    for (const [invoiceId, invoice] of rows(invoices)) {
      if (invoice.orderId !== orderId || invoice.open !== invoice.gross) continue
      await world.run(accountAggregate, { type: 'CancelInvoice', accountId, invoiceId, reason: 'refused' }, finance)
    }
    const goods = { orderId, returnId: `${orderId}-R9`, reason: 'refused' }
    await world.run(orderAggregate, { type: 'AuthoriseReturn', ...goods, lines: back }, sales)
    const received = back.map((line) => ({ ...line, condition: 'restock' as const }))
    await world.run(orderAggregate, { type: 'ReceiveReturn', ...goods, lines: received }, warehouse)
  })
}

/** The supplier cannot deliver all of an order. */
async function cutSupply(world: World): Promise<void> {
  const [{ party, location, zone }] = warehouses
  const key = { party, location, sku: 'LB-120' }
  const supplyId = 'PO-CUT-1'
  const expected = { type: 'ExpectSupply' as const, ...key, supplyId, kind: 'purchase' as const, quantity: '40' }
  await world.run(stockAggregate, expected, { ...warehouse, zone })
  world.planIn(5, 10, zone, async () => {
    const cut = { type: 'ReduceSupply' as const, ...key, supplyId, changeId: 'cut-1', quantity: '40' }
    await world.run(stockAggregate, { ...cut, reason: 'cancelled' }, { ...supplier, zone })
  })
}

async function callOffPromotion(world: World): Promise<void> {
  const called = { companyId: company, promotionId: 'NORTH-2025', reason: 'out-of-budget' }
  await world.run(promotionsAggregate, { type: 'CancelPromotion', ...called, effectiveAt: world.at() }, sales)
}

/** A dealer's price ends, a regional list is withdrawn, and for a month the lowest list price decides. */
async function tidyPrices(world: World): Promise<void> {
  const key = { companyId: company, listId: 'CN005-CNY', sku: 'BT-100', unit: 'EA', currency: 'CNY' }
  const ended = { type: 'EndPrice' as const, ...key, reason: 'expired', effectiveAt: world.at() }
  await world.run(priceAggregate, ended, sales)
  const withdrawn = { type: 'WithdrawPriceList' as const, companyId: company, listId: 'SOUTH-CNY', reason: 'merged' }
  await world.run(priceListsAggregate, { ...withdrawn, effectiveAt: world.at() }, sales)
  const choose = async (strategy: 'minimal' | 'priority'): Promise<void> => {
    const command = { type: 'ChoosePricingStrategy' as const, companyId: company, strategy, effectiveAt: world.at() }
    await world.run(priceListsAggregate, command, sales)
  }
  await choose('minimal')
  world.planIn(30, 10, companyZone, () => choose('priority'))
}

/** After the first full year: who grew is raised. */
async function changeTiers(world: World): Promise<void> {
  for (const [dealerId, tier] of [
    ['CN002', 'gold'],
    ['EU011', 'silver'],
    ['CN012', 'bronze'],
  ] as const) {
    const causes = [`evaluation-2025-${dealerId}`]
    const command = { type: 'AssignTier' as const, dealerId, tier, reason: 'yearly-evaluation', causes }
    await world.run(dealerAggregate, { ...command, effectiveAt: world.at() }, sales)
  }
}

/** A dealer's clerk gets more to do; a trainee of the maker changes to finance and leaves. */
async function changeStaff(world: World): Promise<void> {
  const principalId = demoPrincipals.find(({ principalId: id }) => id === 'dealer-li')?.principalId ?? 'dealer-li'
  const rights = { type: 'ChangeRights' as const, principalId, rights: ['orders' as const, 'stock' as const] }
  await world.run(principalAggregate, rights, admin)
  const trainee = { principalId: 'trainee-he', displayName: '何雨' }
  await world.run(principalAggregate, { type: 'RegisterPrincipal', ...trainee, role: 'sales' }, admin)
  world.planIn(60, 10, companyZone, async () => {
    const { principalId: id } = trainee
    await world.run(principalAggregate, { type: 'ChangeRole', principalId: id, role: 'finance' }, admin)
    world.planIn(60, 10, companyZone, async () => {
      await world.run(principalAggregate, { type: 'DisablePrincipal', principalId: id, reason: 'left' }, admin)
    })
  })
}
