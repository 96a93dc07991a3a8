import assert from 'node:assert/strict'
import { accountAggregate } from '../../../src/domain/credit/account.ts'
import type { CreditEvent } from '../../../src/domain/credit/events.ts'
import { dealerAggregate } from '../../../src/domain/dealers/decide.ts'
import { isRefusal, type Aggregate, type Load } from '../../../src/domain/kernel/decider.ts'
import { fulfilmentAggregate } from '../../../src/domain/fulfilment/decide.ts'
import { nextSteps } from '../../../src/domain/fulfilment/nextSteps.ts'
import { retryCause } from '../../../src/domain/fulfilment/retryCause.ts'
import { stepsAfterCredit } from '../../../src/domain/fulfilment/stepsAfterCredit.ts'
import { recordOf, type StepOutcome } from '../../../src/domain/fulfilment/recordOf.ts'
import type { Step } from '../../../src/domain/fulfilment/step.ts'
import { keepsCredit, type FulfilmentState } from '../../../src/domain/fulfilment/state.ts'
import { stepsAfterOrder } from '../../../src/domain/fulfilment/stepsAfterOrder.ts'
import type { OrderCommand } from '../../../src/domain/orders/commands.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import type { OrderEvent } from '../../../src/domain/orders/events.ts'
import type { OrderState } from '../../../src/domain/orders/state.ts'
import { stockAggregate } from '../../../src/domain/stock/decide.ts'
import type { StockState } from '../../../src/domain/stock/state.ts'
import { row } from '../../../src/domain/kernel/table.ts'
import { stockId } from '../../../src/domain/stock/stockKey.ts'
import { dealer, quote } from '../orders/sample.ts'

interface Recorded {
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly occurredAt: string
  readonly revision: number
}
type Any = Aggregate<{ type: string }, { type: string; data: unknown; occurredAt?: string }, unknown, unknown>

export const shipFrom = { party: 'ACME', location: 'WH1' }
export const skus = ['SKU1', 'SKU2', 'SKU3']

/**
 * Streams in memory, commands by key as the ledger keeps them, and the worker's loop without its queue: enough to run
 * the real deciders of order, stock, account and process together. Time is moved by the specification.
 */
export function world() {
  const streams = new Map<string, { state: unknown; events: Recorded[] }>()
  const answers = new Map<string, StepOutcome>()
  let day = 1
  let reacted = 0
  const news: { event: Recorded; order?: OrderState }[] = []
  const at = (): string => new Date(Date.UTC(2026, 0, day)).toISOString().replace('Z', 'Z[UTC]')
  const later = (days: number): string => new Date(Date.UTC(2026, 0, day + days)).toISOString().replace('Z', 'Z[UTC]')
  const streamOf = (aggregate: { category: string; initialState: unknown }, id: string) => {
    const name = `${aggregate.category}-${id}`
    const there = streams.get(name) ?? { state: aggregate.initialState, events: [] }
    streams.set(name, there)
    return there
  }
  // what is kept under an aggregate's category is that aggregate's state
  const load: Load = async (aggregate, id) => streamOf(aggregate, id).state as never

  function append(
    aggregate: Any,
    id: string,
    decided: readonly { type: string; data: unknown; occurredAt?: string }[],
  ): Recorded[] {
    const stream = streamOf(aggregate, id)
    return decided.map((one) => {
      const name = `${aggregate.category}-${id}`.replaceAll(/[^A-Za-z0-9]/g, '.')
      const event: Recorded = {
        occurredAt: at(),
        ...one,
        id: `${name}.${stream.events.length}`,
        revision: stream.events.length,
      }
      stream.state = aggregate.evolve(stream.state, event)
      stream.events.push(event)
      if (aggregate.category === 'order') news.push({ event, order: stream.state as OrderState })
      if (aggregate.category === 'account') news.push({ event })
      return event
    })
  }

  async function execute(aggregate: Any, command: { type: string }, key?: string): Promise<StepOutcome> {
    const before = key === undefined ? undefined : answers.get(key)
    if (before) return before
    const definition = aggregate.commands.find(({ name }) => name === command.type)
    assert.ok(definition, command.type)
    const { type, ...input } = command
    const parsed = definition.schema.safeParse(input)
    assert.ok(parsed.success, `${type} ${JSON.stringify(input)} ${parsed.error?.message}`)
    const whole = { type, ...(parsed.data as object) }
    const id = definition.id(parsed.data)
    const given = await givenFor(aggregate, whole)
    const decided = aggregate.decide(whole, streamOf(aggregate, id).state, {
      at: at(),
      by: 'worker',
      recorded: false,
      given,
    })
    if (isRefusal(decided)) return { ok: false, code: decided.refused }
    const outcome: StepOutcome = { ok: true, events: append(aggregate, id, decided) }
    if (key !== undefined && decided.length > 0) answers.set(key, outcome)
    return outcome
  }

  async function givenFor(aggregate: Any, command: { type: string }): Promise<unknown> {
    if (aggregate.category === 'stock') return { knownSku: true }
    if (aggregate.category !== 'order') return aggregate.gather?.(command, load, at())
    const lines = 'lines' in command ? (command.lines as { lineNo: number }[]) : []
    const quotes = Object.fromEntries(lines.map(({ lineNo }) => [lineNo, quote('2.5')]))
    if (command.type !== 'DispatchShipment') return { dealer, quotes }
    return aggregate.gather?.(command, load, at())
  }

  const target = {
    account: accountAggregate,
    order: orderAggregate,
    stock: stockAggregate,
    fulfilment: fulfilmentAggregate,
  }
  // each step's command is one of its target's
  const run = (step: Step): Promise<StepOutcome> => execute(target[step.target], step.command, step.key)
  const times = () => ({ deadline: later(3), reservedUntil: later(5) })

  /** One step of a process: executed, and recorded unless the worker dies in between. */
  async function work(orderId: string, diesBeforeRecording = false): Promise<boolean> {
    const state = streamOf(fulfilmentAggregate, orderId).state as FulfilmentState
    const [step] = nextSteps(state, times())
    if (step === undefined || state.phase === 'none') return false
    const outcome = await run(step)
    if (diesBeforeRecording || step.target === 'fulfilment') return true
    const recorded = await execute(fulfilmentAggregate, recordOf(state, step, outcome))
    assert.ok(recorded.ok, 'a result is always taken')
    return true
  }

  /** What follows from the next event of an order or account that nobody has looked at yet. */
  async function react(): Promise<boolean> {
    const next = news[reacted]
    if (next === undefined) return false
    reacted += 1
    const { event, order } = next
    if (order === undefined) {
      for (const step of stepsAfterCredit(event as unknown as CreditEvent & { id: string })) await run(step)
      return true
    }
    if (order.phase !== 'placed') return true
    const { orderId } = order.header
    const process = streamOf(fulfilmentAggregate, orderId).state as FulfilmentState
    for (const step of stepsAfterOrder(
      event as unknown as OrderEvent & { id: string },
      order,
      'D1',
      keepsCredit(process),
    )) {
      const outcome = await run(step)
      assert.ok(outcome.ok || outcome.code === 'credit.not_reserved', `${step.step}: ${JSON.stringify(outcome)}`)
    }
    const ask = (command: object) => execute(fulfilmentAggregate, command as { type: string })
    const cause = retryCause(event as unknown as OrderEvent)
    if (event.type === 'OrderPlaced') await ask({ type: 'StartFulfilment', orderId, cause: 'placed', ...times() })
    if (cause !== undefined) await ask({ type: 'RetryFulfilment', orderId, requestId: event.id, cause, ...times() })
    return true
  }

  async function settle(orderIds: readonly string[]): Promise<void> {
    for (let turns = 0; ; turns += 1) {
      assert.ok(turns < 5000, 'the processes come to rest')
      let moved = await react()
      for (const orderId of orderIds) moved = (await work(orderId)) || moved
      if (!moved) return
    }
  }

  append(dealerAggregate, 'D1', [
    {
      type: 'DealerRegistered',
      data: {
        dealerId: 'D1',
        companyId: 'ACME',
        legalName: { en: 'One' },
        kind: 'warehouse',
        country: 'US',
        region: 'US/Washington',
        zone: 'UTC',
        currencies: ['USD'],
        tierLevel: 1,
        effectiveAt: '2025-01-01T00:00:00.000Z[UTC]',
        breaches: [],
      },
    },
  ])
  return {
    order: (command: OrderCommand) => execute(orderAggregate, command),
    stock: (command: { type: string }) => execute(stockAggregate, command),
    account: (command: { type: string }) => execute(accountAggregate, command),
    process: (command: { type: string }) => execute(fulfilmentAggregate, command),
    work,
    react,
    settle,
    times,
    pass: (days: number): void => void (day += days),
    orderState: (id: string) => streamOf(orderAggregate, id).state as OrderState,
    stockState: (sku: string) => streamOf(stockAggregate, stockId({ ...shipFrom, sku })).state as StockState,
    processState: (id: string) => streamOf(fulfilmentAggregate, id).state as FulfilmentState,
    processEvents: (id: string) => streamOf(fulfilmentAggregate, id).events,
    reservedCredit: (id: string): string =>
      row((streamOf(accountAggregate, 'D1').state as typeof accountAggregate.initialState).orders, id)?.open ?? '0',
    key: (sku: string) => ({ ...shipFrom, sku }),
  }
}
