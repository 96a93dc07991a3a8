import { differencesId, type DifferencesCommand } from '../../domain/claims/commands.ts'
import { differencesAggregate } from '../../domain/claims/differences.ts'
import type { GoodsKnown } from '../../domain/claims/layer.ts'
import { layersAt } from '../../domain/claims/layersAt.ts'
import { claimsPolicyAggregate } from '../../domain/claims/policy.ts'
import { businessTime, instantOf, startOfDay } from '../../domain/kernel/businessTime.ts'
import { rows } from '../../domain/kernel/table.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import { documentHash } from './documentHash.ts'
import { admin, finance, sales } from './names.ts'
import type { OrderLife } from './orderLife.ts'
import { calendarId, changePrice } from './setUp.ts'
import { demoProducts, type DemoProduct } from './catalogue.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

const [school, bridge] = ['SCHOOL-PUDONG', 'BRIDGE-WORKS'] as const
const midnight = (date: string): number => startOfDay(date, companyZone)
const local = (date: string): string => businessTime(midnight(date), companyZone)

/** A dealer that claims, and who does it there. */
interface Claimant {
  readonly dealer: DemoDealer
  readonly by: Actor
  /** in keys of its agreements and claims */
  readonly no: number
}

/**
 * What dealers are promised beside programmes, and claim: agreements for end customers, price protection after a list price
 * fell, a special price for a project, stock given back. Every way that a claim can end occurs.
 */
export function planClaims(world: World, orders: OrderLife): void {
  const on = (date: string, action: () => Promise<void>): void => world.plan(midnight(date) + 11 * hour, action)
  const claimants = [
    ['CN001', 'dealer-wang'],
    ['CN006', 'buyer-CN006'],
  ].flatMap(([dealerId, id = ''], n): Claimant[] =>
    demoDealers
      .filter((one) => one.dealerId === dealerId)
      .map((dealer) => ({ dealer, by: { id, zone: companyZone }, no: n + 1 })),
  )
  const [drill, grinder, saw] = ['DR-100', 'GR-100', 'SW-100'].map((sku) => demoProducts.find((one) => one.sku === sku))
  if (!drill || !grinder || !saw) throw new RangeError('the demonstration has lost what it claims on')
  const units = (count: number): string => String(count * world.scale)

  on('2024-11-18', () => promise(world, 60))
  for (const claimant of claimants) {
    const { dealer, by, no } = claimant
    const { dealerId, currency } = dealer
    const [agreed, project, dropped] = [`SD-2024-${no}`, `SPA-2024-${no}`, `SD-2024-${no}B`]
    on('2024-11-19', async () => {
      await agree(world, dealer, drill, {
        agreementId: agreed,
        kind: 'ship-and-debit',
        endCustomer: school,
        quantity: units(30),
      })
      await agree(world, dealer, grinder, {
        agreementId: project,
        kind: 'special-price',
        endCustomer: bridge,
        quantity: units(20),
      })
      await agree(world, dealer, saw, {
        agreementId: dropped,
        kind: 'ship-and-debit',
        endCustomer: bridge,
        quantity: units(10),
      })
      await orders.order(
        dealer,
        [drill, grinder, saw].map((product) => ({ product, quantity: 30 * world.scale })),
      )
    })
    on('2024-12-16', async () => {
      const end = { dealerId, sku: saw.sku, agreementId: dropped, endsAt: world.at(), reason: 'project-cancelled' }
      await world.run(differencesAggregate, { type: 'EndAgreement', ...end }, sales)
      for (const [part, count] of [1, 2, 3].map((n) => [`${agreed}/${n}`, n + 1] as const))
        await claimSale(world, claimant, drill.sku, agreed, part, units(count))
      const asked = { kind: 'special-price' as const, agreementId: project, quantity: units(12) }
      await submit(world, claimant, grinder.sku, `${project}/1`, asked)
    })
    on('2024-12-18', async () => {
      const of = { dealerId, sku: drill.sku }
      const wrong = { claimId: `${agreed}/2`, reason: 'no-invoice' }
      await world.attempt(differencesAggregate, { type: 'ApproveClaim', ...of, claimId: `${agreed}/1` }, finance)
      await world.attempt(differencesAggregate, { type: 'RejectClaim', ...of, ...wrong }, finance)
      await world.attempt(differencesAggregate, { type: 'WithdrawClaim', ...of, claimId: `${agreed}/3` }, by)
      const part = { claimId: `${project}/1`, amount: units(10_000), reason: 'project-smaller' }
      await world.attempt(differencesAggregate, { type: 'ApproveClaim', dealerId, sku: grinder.sku, ...part }, finance)
    })
    on('2025-01-07', async () => {
      const back = { kind: 'stock-rotation' as const, periodId: '2024-Q4', quantity: units(3), unit: 'EA', currency }
      await submit(world, { ...claimant, by: finance }, saw.sku, `ROT-2024-Q4-${no}`, back)
    })
  }
  on('2024-12-20', async () => {
    await changePrice(world, 'BASE-CNY', drill, 'CNY', 92, 'competition')
    await changePrice(world, 'BASE-CNY', saw, 'CNY', 112, 'costs')
  })
  for (const date of ['2024-12-27', '2025-01-09', '2025-01-28'])
    on(date, async () => {
      for (const product of [drill, saw]) await approveAll(world, product)
    })
  on('2025-02-03', () => promise(world, 10))
}

/** The look-back is what a change of price costs. */
async function promise(world: World, lookBackDays: number): Promise<void> {
  const terms = {
    effectiveFrom: world.at(),
    protection: { method: 'layers' as const, lookBackDays, inTransit: true },
    rotation: { calendarId, grain: 'quarter' as const, share: '0.2', method: 'scrap' as const },
    claimWithinDays: 45,
    rounding: 'half-up' as const,
    secondApprovalAbove: [{ currency: 'CNY', amount: String(5_000 * world.scale) }],
  }
  await world.run(claimsPolicyAggregate, { type: 'SetClaimsPolicy', companyId: company, terms }, finance)
}

async function agree(
  world: World,
  { dealerId }: DemoDealer,
  { sku, priceCny }: DemoProduct,
  of: { agreementId: string; kind: 'ship-and-debit' | 'special-price'; endCustomer: string; quantity: string },
): Promise<void> {
  const window = { from: local('2024-11-19'), until: local('2025-01-01') }
  const price = {
    contractPrice: String(Math.floor(priceCny / 2)),
    currency: 'CNY',
    unit: 'EA',
    compared: 'layers' as const,
  }
  const agreement = { companyId: company, dealerId, sku, ...of, ...window, ...price }
  await world.run(differencesAggregate, { type: 'MakeAgreement', ...agreement }, sales)
}

/** A sale of yesterday to the school, with the dealer's invoice as its proof. */
async function claimSale(
  world: World,
  claimant: Claimant,
  sku: string,
  agreementId: string,
  claimId: string,
  quantity: string,
): Promise<void> {
  const soldAt = businessTime(world.now() - 20 * hour, companyZone)
  const sale = { lineNo: 1, soldAt, endCustomer: school, quantity, document: claimId, proofs: [documentHash(claimId)] }
  await submit(world, claimant, sku, claimId, { kind: 'ship-and-debit', agreementId, sales: [sale] })
}

type Submit = Extract<DifferencesCommand, { type: 'SubmitClaim' }>

/** As the API does it: with what the ledger knows of the goods. */
async function submit(
  world: World,
  { dealer: { dealerId }, by }: Claimant,
  sku: string,
  claimId: string,
  asked: Pick<Submit, 'kind'> & Partial<Submit>,
): Promise<void> {
  const { store, ports } = world
  const watermark = await store.head()
  const movements = await ports.goods.movements(dealerId, sku, watermark)
  const times = asked.sales?.map(({ soldAt }) => soldAt) ?? [world.at()]
  const goods: GoodsKnown = {
    watermark: watermark.toString(),
    moments: times.map((at) => ({ at, layers: [...layersAt(movements, instantOf(at))] })),
  }
  const rest = { sales: [], proofs: [], ...asked, goods }
  await world.attempt(
    differencesAggregate,
    { type: 'SubmitClaim', companyId: company, dealerId, sku, claimId, ...rest },
    by,
  )
}

/** Whatever of a sku waits for a decision, of whichever dealer of its list; what is large, by two people. */
async function approveAll(world: World, { sku }: DemoProduct): Promise<void> {
  for (const dealer of demoDealers.filter(({ currency }) => currency === 'CNY')) await approve(world, dealer, sku)
}

async function approve(world: World, { dealerId }: DemoDealer, sku: string): Promise<void> {
  const { claims } = await world.handler.load(differencesAggregate, differencesId({ dealerId, sku }))
  for (const [claimId, { status }] of rows(claims)) {
    if (status !== 'validated') continue
    const command = { type: 'ApproveClaim', dealerId, sku, claimId } as const
    for (const person of [finance, admin]) await world.attempt(differencesAggregate, command, person)
  }
}
