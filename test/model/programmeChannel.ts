import { calendarAggregate } from '../../src/domain/calendars/decide.ts'
import { productAggregate } from '../../src/domain/catalogue/decide.ts'
import { conductAggregate } from '../../src/domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../src/domain/conduct/conductRules.ts'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/kernel/decimal.ts'
import { programmeAggregate } from '../../src/domain/rebates/programme.ts'
import { settlementAggregate } from '../../src/domain/rebates/settlement.ts'
import { hasFinal } from '../../src/domain/rebates/settlementState.ts'
import type { Terms } from '../../src/domain/rebates/terms.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import { settleProgramme } from '../../src/workers/rebates/settleProgramme.ts'
import { drawing, termsOf as randomTerms, type Draw } from '../support/shapeCases.ts'
import { openWorkChannel, type WorkChannel } from '../support/workChannel.ts'
import type { BesideFact } from './oracle/beside.ts'
import { accountIn, settleMonth, termsOf, type Kind, type ProgrammeWorld, type SaleFact } from './oracle/programmes.ts'

// One random programme over the first months of a year: every step is done to the ledger and said to the oracle.

const minute = 60_000
const day = 1440 * minute
const programmeId = 'RANDOM'
const dealers = ['D1', 'D2'] as const
const products = { A: ['c1'], B: ['c1', 'c2'], C: ['other'], D: ['c2'] } as const
type Sku = keyof typeof products
const launches: Partial<Record<Sku, string>> = { A: '2026-01-01', B: '2026-02-10', D: '2026-03-05' }
const months = Array.from({ length: 12 }, (_, n) => ({
  id: `2026-${String(n + 1).padStart(2, '0')}`,
  starts: Date.UTC(2026, n, 1),
  ends: Date.UTC(2026, n + 1, 1),
  isClosed: false,
}))
const begin = Date.UTC(2026, 0, 5, 9)
const text = (at: number): string => `${new Date(at).toISOString().slice(0, -1)}Z[UTC]`

interface Invoice {
  readonly id: string
  readonly dealer: string
  readonly sku: Sku
  readonly quantity: bigint
  readonly net: bigint
  readonly tax: bigint
  readonly issuedAt: number
  returned: boolean
  payment?: { id: string; receivedAt: number }
  isGone?: boolean
}

export type Count = (name: string) => void

/** Throws where ledger and oracle differ; gives the channel as it was left. */
export async function playProgramme(random: () => number, count: Count): Promise<WorkChannel> {
  const draw = drawing(random)
  const { below, one, chance } = draw
  const channel = await openWorkChannel({ dealers, skus: [] })
  const world: ProgrammeWorld = {
    versions: [],
    facts: [],
    beside: new Map(dealers.map((dealer) => [dealer, []])),
    targets: new Map(),
    baselines: new Map(),
    months: structuredClone(months),
    accounts: new Map(),
  }
  const trace: string[] = []
  const invoices: Invoice[] = []
  const evidence: { id: string; dealer: string; kind: string; at: number; isGone?: boolean }[] = []
  let now = begin
  let serial = 0

  const pass = (milliseconds: number): void => {
    now += milliseconds
    channel.pass(milliseconds)
  }
  const next = (): number => (serial += 1)
  /** the oracle's place of what happened now */
  const place = (occurredAt: number) => ({ occurredAt: text(occurredAt), position: String(next()) })
  async function give<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    at = now,
  ): Promise<string> {
    const outcome = await channel.attempt(aggregate, command, { at: text(at) })
    const code = outcome.ok ? 'ok' : outcome.refusal.refused
    trace.push(`${text(at)} ${JSON.stringify(command)} → ${code}`)
    return code
  }
  async function must(...given: Parameters<typeof give>): Promise<void> {
    const code = await give(...given)
    if (code !== 'ok') throw new Error(`${trace.at(-1)}`)
  }
  const say = (dealer: string, fact: BesideFact): void => void world.beside.get(dealer)!.push(fact)
  /** now, or some days ago and told late: a minute of its own either way */
  const when = (): number => {
    if (!chance(0.25)) return now
    count('late fact')
    return Math.max(begin, now - below(40) * day - serial)
  }
  const saleOf = (sku: Sku, of: Omit<SaleFact, 'sku' | 'lineNo' | 'unit' | 'categories' | 'launchedOn'>): void => {
    const launchedOn = launches[sku]
    const known = { sku, categories: products[sku], ...(launchedOn !== undefined && { launchedOn }) }
    world.facts.push({ ...of, ...known, lineNo: 1, unit: 'EA' })
  }
  const amountsOf = ({ quantity, net, tax }: Invoice, sign: 1n | -1n) => ({
    quantity: formatDecimal(sign * quantity),
    net: formatDecimal(sign * net),
    gross: formatDecimal(sign * (net + tax)),
  })
  const grossOf = ({ net, tax }: Invoice): string => ((net + tax) / 10_000n).toString()
  const documentOf = ({ dealer }: { dealer: string }) => ({
    accountId: dealer,
    companyId: 'ACME',
    dealerId: dealer,
    currency: 'USD',
  })

  const first = programmeTerms(draw, undefined)
  await prepare()

  const steps: readonly (readonly [weight: number, step: () => Promise<void>])[] = [
    [12, sell],
    [5, payOne],
    [2, bounce],
    [3, giveBack],
    [1, cancelOne],
    [6, prove],
    [2, withdraw],
    [2, evaluate],
    [6, resell],
    [2, takeBack],
    [5, aim],
    [2, amend],
    [10, () => settleNow(one(['accrual', 'interim', 'interim', 'final', 'adjustment']))],
    [9, passDays],
  ]
  const total = steps.reduce((sum, [weight]) => sum + weight, 0)
  try {
    for (let n = 25 + below(35); n > 0; n--) {
      let at = below(total)
      pass(minute)
      await steps.find(([weight]) => (at -= weight) < 0)![1]()
    }
    await closeMonths()
    for (const kind of ['final', 'adjustment', 'adjustment'] as const) {
      pass(minute)
      for (const { id } of months.slice(0, 7)) await settleNow(kind, id)
    }
    await holdAgainst()
  } catch (error) {
    throw new Error(`${String(error)}\n${trace.join('\n')}`, { cause: error })
  }
  return channel

  async function prepare(): Promise<void> {
    for (const [sku, [category, subcategory]] of Object.entries(products) as [Sku, readonly string[]][])
      await must(productAggregate, {
        type: 'PublishProduct',
        sku,
        companyId: 'ACME',
        name: { en: sku },
        category: category!,
        ...(subcategory !== undefined && { subcategory }),
        unit: 'EA',
        ...(launches[sku] !== undefined && { launchedOn: launches[sku] }),
        effectiveAt: text(begin - day),
      } as never)
    for (const evaluation of ['service', 'display'])
      for (const version of [1, 2])
        await must(conductRulesAggregate, {
          type: 'DefineEvaluation',
          companyId: 'ACME',
          evaluation,
          version,
          name: { en: evaluation },
          fromResalePrice: false,
        } as never)
    for (const dealer of dealers)
      for (const sku of Object.keys(products))
        await must(stockAggregate, {
          type: 'SetStockRules',
          party: dealer,
          location: 'SHOP',
          sku,
          unit: 'EA',
          allowNegative: true,
          minimumRemainingLifeDays: 0,
        } as never)
    await must(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: 'ACME', terms: first } as never)
    await must(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 } as never)
    world.versions.push(first)
    count(`${first.basis}: ${first.method.kind}`)
  }

  async function sell(): Promise<void> {
    const at = when()
    const quantity = BigInt(1 + below(12)) * 1_000_000n
    const net = one([BigInt(1 + below(15)) * 10_000_000n, BigInt(1 + below(9_999)) * 10_000n])
    const invoice: Invoice = {
      id: `I${next()}`,
      dealer: one(dealers),
      sku: one(Object.keys(products) as Sku[]),
      quantity,
      net,
      tax: (net / 100_000n) * 10_000n,
      issuedAt: at,
      returned: false,
    }
    const due = text(at + (5 + below(40)) * day).slice(0, 10)
    await must(
      accountAggregate,
      {
        type: 'IssueInvoice',
        ...documentOf(invoice),
        invoiceId: invoice.id,
        kind: 'invoice',
        lines: [lineOf(invoice)],
        rounding: 'half-up',
        dueOn: due,
        zone: 'UTC',
      } as never,
      at,
    )
    invoices.push(invoice)
    const stood = place(at)
    saleOf(invoice.sku, {
      ...stood,
      eventId: invoice.id,
      dealer: invoice.dealer,
      basis: 'invoiced',
      kind: 'sale',
      saleAt: text(at),
      ...amountsOf(invoice, 1n),
    })
    const dueAt = text(Date.parse(due) + day)
    say(invoice.dealer, {
      ...stood,
      about: 'receivable',
      invoiceId: invoice.id,
      amount: grossOf(invoice),
      issuedAt: text(at),
      dueAt,
    })
  }

  function lineOf({ sku, quantity, net, tax }: Invoice) {
    return {
      lineNo: 1,
      sku,
      quantity: formatDecimal(quantity),
      unit: 'EA',
      unitPrice: '1',
      lineValue: formatDecimal(net),
      tax: { code: 'vat', amount: formatDecimal(tax) },
    }
  }

  async function payOne(): Promise<void> {
    const invoice = one(invoices.filter(({ payment, isGone, returned }) => !payment && !isGone && !returned))
    if (!invoice) return
    const payment = {
      id: `P${next()}`,
      receivedAt: chance(0.3) ? Math.max(begin, now - below(10) * day - serial) : now,
    }
    const amount = grossOf(invoice)
    const { id: paymentId, receivedAt } = payment
    await must(
      accountAggregate,
      { type: 'ReceivePayment', ...documentOf(invoice), paymentId, amount, method: 'cash', allocate: 'none' } as never,
      receivedAt,
    )
    pass(minute)
    const to = [{ invoiceId: invoice.id, amount }]
    await must(accountAggregate, { type: 'AllocatePayment', accountId: invoice.dealer, paymentId, to } as never)
    invoice.payment = payment
    const stood = place(now)
    sayPaid(invoice, paymentId, receivedAt, 1n, stood)
    say(invoice.dealer, {
      ...stood,
      about: 'receivable',
      invoiceId: invoice.id,
      amount: `-${amount}`,
      moneyAt: text(receivedAt),
    })
    count('payment')
  }

  function sayPaid(
    invoice: Invoice,
    eventId: string,
    receivedAt: number,
    sign: 1n | -1n,
    stood: ReturnType<typeof place>,
  ): void {
    const document = world.beside
      .get(invoice.dealer)!
      .find((one) => one.about === 'receivable' && one.invoiceId === invoice.id)
    const dueAt = document?.about === 'receivable' ? document.dueAt : undefined
    saleOf(invoice.sku, {
      ...stood,
      eventId,
      dealer: invoice.dealer,
      basis: 'paid',
      kind: 'sale',
      saleAt: text(receivedAt),
      invoicedAt: text(invoice.issuedAt),
      ...(dueAt !== undefined && { dueAt }),
      ...amountsOf(invoice, sign),
    })
  }

  async function bounce(): Promise<void> {
    const invoice = one(invoices.filter(({ payment }) => payment))
    if (!invoice?.payment) return
    const { id: paymentId, receivedAt } = invoice.payment
    await must(accountAggregate, {
      type: 'ReversePayment',
      accountId: invoice.dealer,
      paymentId,
      reason: 'bounced',
    } as never)
    delete invoice.payment
    const stood = place(now)
    sayPaid(invoice, `${paymentId}-back`, receivedAt, -1n, stood)
    say(invoice.dealer, { ...stood, about: 'receivable', invoiceId: invoice.id, amount: grossOf(invoice) })
    count('payment that bounced')
  }

  async function giveBack(): Promise<void> {
    const invoice = one(invoices.filter(({ returned, isGone }) => !returned && !isGone))
    if (!invoice) return
    const creditNoteId = `CN${next()}`
    const { unitPrice: _, ...line } = lineOf(invoice)
    const kind = chance(0.7) ? 'return' : 'correction'
    const note = { creditNoteId, reason: kind, lines: [line], rounding: 'half-up', invoiceId: invoice.id, apply: false }
    await must(accountAggregate, { type: 'IssueCreditNote', ...documentOf(invoice), ...note })
    invoice.returned = true
    saleOf(invoice.sku, {
      ...place(now),
      eventId: creditNoteId,
      dealer: invoice.dealer,
      basis: 'invoiced',
      kind: kind === 'return' ? 'return' : 'sale',
      saleAt: text(invoice.issuedAt),
      ...amountsOf(invoice, -1n),
    })
    count(kind)
  }

  async function cancelOne(): Promise<void> {
    const invoice = one(invoices.filter(({ payment, returned, isGone }) => !payment && !returned && !isGone))
    if (!invoice) return
    await must(accountAggregate, {
      type: 'CancelInvoice',
      accountId: invoice.dealer,
      invoiceId: invoice.id,
      reason: 'mistake',
    } as never)
    invoice.isGone = true
    const stood = place(now)
    saleOf(invoice.sku, {
      ...stood,
      eventId: `${invoice.id}-gone`,
      dealer: invoice.dealer,
      basis: 'invoiced',
      kind: 'sale',
      saleAt: text(invoice.issuedAt),
      ...amountsOf(invoice, -1n),
    })
    say(invoice.dealer, {
      ...stood,
      about: 'receivable',
      invoiceId: invoice.id,
      amount: `-${grossOf(invoice)}`,
      isCancelled: true,
    })
  }

  function sayEvidence({ id, dealer, kind, at }: (typeof evidence)[number], counts: 1 | -1): void {
    const stood = place(counts === 1 ? at : now)
    world.facts.push({
      ...stood,
      eventId: `${id}${counts}`,
      lineNo: 1,
      dealer,
      basis: 'evidence',
      kind: 'sale',
      sku: kind,
      unit: 'C62',
      quantity: String(counts),
      net: '0',
      gross: '0',
      saleAt: text(at),
    })
    say(dealer, { ...stood, about: 'evidence', evidenceId: id, kind, counts, at: text(at) })
  }

  async function prove(): Promise<void> {
    const of = { id: `E${next()}`, dealer: one(dealers), kind: one(['display', 'display', 'report']), at: when() }
    const { id: evidenceId, dealer: dealerId, kind, at } = of
    await must(conductAggregate, { type: 'RecordEvidence', companyId: 'ACME', dealerId, evidenceId, kind } as never, at)
    evidence.push(of)
    sayEvidence(of, 1)
  }

  async function withdraw(): Promise<void> {
    const of = one(evidence.filter(({ isGone }) => !isGone))
    if (!of) return
    await must(conductAggregate, { type: 'WithdrawEvidence', dealerId: of.dealer, evidenceId: of.id } as never)
    of.isGone = true
    sayEvidence(of, -1)
    count('evidence withdrawn')
  }

  async function evaluate(): Promise<void> {
    const dealerId = one(dealers)
    const score = `${below(100)}.${1 + below(9)}`
    const of = {
      evaluation: one(['service', 'display']),
      version: 1 + below(2),
      periodId: one(months.slice(0, 6)).id,
      score,
    }
    await must(conductAggregate, {
      type: 'RecordEvaluation',
      companyId: 'ACME',
      dealerId,
      calendarId: 'FISCAL',
      ...of,
    } as never)
    say(dealerId, { ...place(now), about: 'evaluation', calendarId: 'FISCAL', ...of })
  }

  async function move(sign: 1 | -1): Promise<void> {
    const [at, party, sku] = [when(), one(dealers), one(Object.keys(products) as Sku[])]
    const quantity = `${1 + below(9)}${one(['', '.5'])}`
    const id = `R${next()}`
    const key = { party, location: 'SHOP', sku, lines: [{ lot: '-', quantity }] }
    const resalePrice = { unitPrice: String(1 + below(500)), currency: one(['USD', 'EUR']) }
    const command =
      sign === 1
        ? { type: 'ReportResale', ...key, reportId: id, source: 'till', ...(chance(0.5) && { resalePrice }) }
        : { type: 'ReturnToStock', ...key, returnId: id }
    await must(stockAggregate, command, at)
    saleOf(sku, {
      ...place(at),
      eventId: id,
      dealer: party,
      basis: 'sold-out',
      kind: sign === 1 ? 'sale' : 'return',
      quantity: sign === 1 ? quantity : `-${quantity}`,
      net: '0',
      gross: '0',
      saleAt: text(at),
    })
  }
  function resell(): Promise<void> {
    return move(1)
  }
  function takeBack(): Promise<void> {
    count('goods back from an end customer')
    return move(-1)
  }

  async function aim(): Promise<void> {
    const [dealerId, periodId] = [one(dealers), someMonth()]
    const month = world.months.find(({ id }) => id === periodId)!
    const key = `${dealerId} ${month.id}`
    const of = {
      programmeId,
      dealerId,
      currency: 'USD',
      periodId: month.id,
      amount: one(['5', '20', '50.5', '100', '250', '1000']),
    }
    if (!termsOf(world, month.starts)) return
    if (chance(0.5)) {
      await must(settlementAggregate, { type: 'FixBaseline', ...of, agreement: 'AG1' } as never)
      world.baselines.set(key, of.amount)
      return count('baseline')
    }
    const code = await give(settlementAggregate, { type: 'SetTarget', ...of } as never)
    const said = world.targets.get(key) ?? []
    const isSame = said.at(-1)?.amount === of.amount
    const expected = isSame
      ? 'ok'
      : accountIn(world, dealerId, month.id).isFinal
        ? 'rebates.final_settled'
        : now >= month.ends
          ? 'rebates.target_late'
          : 'ok'
    if (code !== expected) throw new Error(`a target: ${code}, expected ${expected}`)
    if (code === 'ok' && !isSame) world.targets.set(key, [...said, { at: now, amount: of.amount }])
    if (said.length > 0 && code === 'ok') count('target revised')
  }

  async function amend(): Promise<void> {
    const last = world.versions.at(-1) as Terms
    const retroactive = chance(0.4)
    const from = retroactive ? one(months.slice(0, 6)).starts : one(months.filter(({ starts }) => starts > now)).starts
    const terms: Terms = { ...programmeTerms(draw, last), version: last.version + 1, effectiveFrom: text(from) }
    await must(programmeAggregate, { type: 'AmendProgramme', programmeId, terms, retroactive } as never)
    world.versions.push(terms)
    count(retroactive ? 'amended in retrospect' : 'amended')
  }

  async function passDays(): Promise<void> {
    pass((1 + below(18)) * day)
    await closeMonths()
  }

  async function closeMonths(): Promise<void> {
    for (const month of world.months)
      if (!month.isClosed && now >= month.ends + 2 * day) {
        await must(calendarAggregate, { type: 'ClosePeriod', calendarId: 'FISCAL', periodId: month.id } as never)
        month.isClosed = true
      }
  }

  /** Mostly this month or the one before. */
  function someMonth(): string {
    const current = Math.min(
      6,
      months.findIndex(({ starts, ends }) => starts <= now && now < ends),
    )
    return one([...months.slice(Math.max(0, current - 1), current + 1), one(months.slice(0, 7))]).id
  }

  /** Stopped now and then, and taken up again; and once more, which changes nothing. */
  async function settleNow(kind: Kind, periodId = someMonth()): Promise<void> {
    const run = { programmeId, periodId, kind, at: channel.at() } as const
    let left = chance(0.3) ? 1 + below(6) : 0
    const isAfter = chance(0.5)
    const die = (): void => {
      if (left > 0 && (left -= 1) === 0) throw new Error('killed')
    }
    Object.assign(channel.crash, isAfter ? { before: () => {}, after: die } : { before: die, after: () => {} })
    const outcome = async (): Promise<string> => {
      for (;;)
        try {
          return (await settleProgramme(channel.ports, run))?.refused[0]?.code ?? 'ok'
        } catch (error) {
          if (!String(error).includes('killed')) throw error
          count('killed while settling')
          channel.restart()
        }
    }
    const code = await outcome()
    left = 0
    const verdicts = dealers.map((dealer) => settleMonth(world, kind, dealer, periodId, run.at))
    const expected = verdicts.find((verdict) => verdict !== 'ok') ?? 'ok'
    trace.push(`${run.at} settle ${periodId} ${kind} → ${code}`)
    if (code !== expected) throw new Error(`settle ${periodId} ${kind}: ${code}, expected ${expected}`)
    await holdAgainst()
    if (code === 'ok' && chance(0.3)) {
      await outcome()
      await holdAgainst()
    }
    if (code === 'ok') count(kind)
  }

  async function holdAgainst(): Promise<void> {
    const calculated = new Map<string, Calculated>()
    for (const { data } of await channel.events('SettlementCalculated')) {
      const one = data as Calculated
      calculated.set(`${one.dealerId} ${one.periodId}`, one)
    }
    for (const dealer of dealers)
      for (const { id } of months.slice(0, 7)) {
        const expected = accountIn(world, dealer, id)
        const state = await channel.handler().load(settlementAggregate, `${programmeId}/${dealer}/USD/${id}`)
        const last = calculated.get(`${dealer} ${id}`)
        const said = {
          settled: state.settled,
          clawedBack: state.clawedBack,
          accrued: state.accrued,
          isFinal: hasFinal(state),
          count: state.settlements.length,
          last: last && {
            volume: last.calculation.volume,
            earned: last.calculation.earned,
            due: last.due,
            gates: last.calculation.gates ?? [],
          },
        }
        const { settled, clawedBack, accrued, isFinal, count: calculations, last: wanted } = expected
        const oracle = {
          settled: String(settled),
          clawedBack: String(clawedBack),
          accrued: String(accrued),
          isFinal,
          count: calculations,
          last: wanted,
        }
        if (JSON.stringify(said) !== JSON.stringify(oracle))
          throw new Error(`${dealer} ${id}: ledger ${JSON.stringify(said)}\noracle ${JSON.stringify(oracle)}`)
        if (parseDecimal(state.settled) > 0n) count('paid')
        if (parseDecimal(state.clawedBack) > 0n) count('taken back')
        if (isFinal && calculations > 1) count('settled more than once')
      }
  }
}

interface Calculated {
  readonly dealerId: string
  readonly periodId: string
  readonly due: string
  readonly calculation: {
    readonly volume: string
    readonly earned: string
    readonly gates?: { found?: string; open: boolean }[]
  }
}

const bases = ['invoiced', 'paid', 'sold-out', 'evidence'] as const

/** Terms of any shape that these channels have facts for; of an amendment, on the basis of the programme. */
function programmeTerms(draw: Draw, before: Terms | undefined): Terms {
  for (;;) {
    const drawn = randomTerms(draw)
    const basis = drawn.basis === 'ordered' || drawn.basis === 'delivered' ? 'invoiced' : drawn.basis
    if (before ? basis !== before.basis : !draw.chance(basis === 'invoiced' || basis === 'paid' ? 0.5 : 1)) continue
    if (!bases.some((one) => one === basis)) continue
    const isEvidence = basis === 'evidence'
    const { launchedWithinDays, ...terms } = drawn
    return {
      ...terms,
      ...(launchedWithinDays !== undefined && !isEvidence && { launchedWithinDays: launchedWithinDays * 8 }),
      basis,
      ...(isEvidence && { unit: 'C62', products: draw.chance(0.5) ? {} : { include: { skus: ['display'] } } }),
      payer: 'ACME',
      calendarId: 'FISCAL',
      effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
      currencies: ['USD'],
      returns: draw.chance(0.8) ? 'deduct' : 'ignore',
      clawbackDays: draw.one([10, 60]),
      negativeInterim: draw.one(['carry', 'clawback']),
      ...(draw.chance(0.3) && { targetAt: 'period-start' as const }),
    }
  }
}
