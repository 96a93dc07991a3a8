import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { businessTime } from '../../domain/kernel/businessTime.ts'
import { isRefusal } from '../../domain/kernel/decider.ts'
import { nextStatement, reconciliationAggregate as aggregate } from '../../domain/reconciliation/chain.ts'
import * as commands from '../../domain/reconciliation/commands.ts'
import { type Chain, drawFigures, type Figures } from '../../projections/models/reconciliation/drawFigures.ts'
import { reconciliationModel } from '../../projections/models/reconciliation/model.ts'
import { openStatementEntries } from '../../projections/models/reconciliation/statementEntries.ts'
import type { Call, CommandRoute } from '../commandRoute.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { finance, settling } from '../roles.ts'
import { entriesWaitMilliseconds, statementOf } from '../statementOf.ts'

const chain = '/v1/reconciliations/:companyId/:dealerId/:currency/statements'
const one = `${chain}/:statementNo`
/** nothing but what it names has to have been seen: lines with their amounts, a version by its fingerprint */
const base = { aggregate, kind: 'create', method: 'POST' } as const
const bothSides = {
  ...base,
  roles: settling,
  right: 'finance',
  ownDealerFields: ['dealerId'],
  given: { side: ({ principal }: Call) => (principal.role === 'dealer' ? 'dealer' : 'manufacturer') },
} as const

export const reconciliationRoutes: readonly CommandRoute[] = [
  {
    ...base,
    roles: finance,
    path: chain,
    command: commands.publishStatement,
    summary: 'Publish the statement of a closed period or up to a cut-off, or a new version of the newest',
    // the fields of the command, but for what is given
    given: { figures: ({ ports, sent }) => figuresFor(ports, sent as unknown as Wanted) },
  },
  {
    ...bothSides,
    path: `${one}/line-confirmations`,
    command: commands.confirmLines,
    summary: 'Confirm lines of a statement with what each adds to the debt',
    check: async ({ ports }, command) => {
      const { lines, ...of } = command as unknown as { lines: Seen[] } & Place // of the schema of the command
      await expectLines(ports, of, lines)
    },
  },
  {
    ...bothSides,
    path: `${one}/disputes`,
    command: commands.disputeLine,
    summary: 'Dispute a line of a statement, or that something is missing',
    idField: 'disputeId',
    check: async ({ ports }, command) => {
      const { lineId, effect, ...of } = command as unknown as Partial<Seen> & Place // of the schema of the command
      if (lineId !== undefined && effect !== undefined) await expectLines(ports, of, [{ lineId, effect }])
    },
  },
  {
    ...bothSides,
    path: `${one}/disputes/:disputeId/settlement`,
    command: commands.settleDispute,
    summary: 'Answer a dispute (the manufacturer), or withdraw it (who raised it)',
  },
  {
    ...bothSides,
    path: `${one}/confirmation`,
    command: commands.confirmStatement,
    summary: 'Confirm a whole statement, named by its fingerprint',
  },
]

interface Wanted extends Chain {
  readonly calendarId?: string
  readonly periodId?: string
  readonly until?: string
  readonly restate?: boolean
}

/** What the statement comes to that would be published now; null when the rules know of none. */
export async function figuresFor(ports: ApiPorts, wanted: Wanted, watermark?: bigint): Promise<Figures | null> {
  const { handler, readerOf, now, store } = ports
  const { calendarId, periodId, restate = false } = wanted
  const state = await handler.load(aggregate, commands.chainId(wanted))
  const calendar =
    calendarId === undefined ? calendarAggregate.initialState : await handler.load(calendarAggregate, calendarId)
  const next = nextStatement(state, { ...wanted, restate }, calendar, businessTime(now(), 'UTC'))
  if (next === undefined || isRefusal(next)) return null
  const { companyId, dealerId, currency } = wanted
  const source = openStatementEntries(readerOf(reconciliationModel), entriesWaitMilliseconds)
  return drawFigures(source, { companyId, dealerId, currency }, next, periodId, watermark ?? (await store.head()))
}

interface Place extends Chain {
  readonly statementNo: number
}
interface Seen {
  readonly lineId: string
  readonly effect: string
}

async function expectLines(
  ports: ApiPorts,
  { companyId, dealerId, currency, statementNo }: Place,
  seen: readonly Seen[],
) {
  const shown = await statementOf(ports, { companyId, dealerId, currency, statementNo })
  if (!shown) throw new Problem('object.not_found', { statementNo })
  const effects = new Map(shown.drawn.lines.map(({ lineId, effect }) => [lineId, effect]))
  const unknown = seen.find(({ lineId, effect }) => effects.get(lineId) !== effect)
  if (unknown) throw new Problem('reconciliation.unknown_line', { ...unknown, is: effects.get(unknown.lineId) ?? null })
}
