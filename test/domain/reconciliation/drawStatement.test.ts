import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvText } from '../../../src/domain/kernel/csvText.ts'
import { businessTime, instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { drawStatement, type DrawnStatement } from '../../../src/domain/reconciliation/drawStatement.ts'
import type { RecordedEntry } from '../../../src/domain/reconciliation/entryOf.ts'
import { statementText } from '../../../src/domain/reconciliation/statementText.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const time = (days: number): string => businessTime(start + days * day, 'UTC')
const idOf = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const entry = (position: number, days: number, effect: string, more: Partial<RecordedEntry> = {}): RecordedEntry => ({
  companyId: 'maker',
  dealerId: 'dealer',
  currency: 'USD',
  kind: effect.startsWith('-') ? 'payment' : 'invoice',
  documentId: `DOC-${position}`,
  effect,
  eventId: idOf(position),
  occurredAt: time(days),
  position: BigInt(position),
  ...more,
})
const cut = (from: number, until: number, prior: number, watermark: number) => ({
  from: start + from * day,
  until: start + until * day,
  prior: BigInt(prior),
  watermark: BigInt(watermark),
})
const shown = ({ lines }: DrawnStatement) =>
  lines.map(({ record, documentId, effect, balance }) => [record, documentId, effect, balance])

describe('a statement', () => {
  it('holds what happened in its time, in order of business time, with the balance after each', () => {
    const entries = [entry(1, 20, '-300'), entry(2, 10, '1000'), entry(3, 31, '50'), entry(4, -1, '70')]
    const drawn = drawStatement(entries, cut(0, 31, 9, 9), '70')
    expect(shown(drawn)).toEqual([
      ['line', 'DOC-2', '1000', '1070'],
      ['line', 'DOC-1', '-300', '770'],
    ])
    expect(drawn.closing).toBe('770')
    expect(drawn.totals).toEqual([
      { kind: 'invoice', count: 1, effect: '1000' },
      { kind: 'payment', count: 1, effect: '-300' },
    ])
  })

  it('shows orders and deliveries with what they are worth, and no effect', () => {
    const goods = { kind: 'delivery', value: '12.5', orderId: 'O-1' } as const
    const drawn = drawStatement([entry(1, 3, '0', goods), entry(2, 4, '0', goods)], cut(0, 31, 9, 9), '5')
    expect(drawn.totals).toEqual([{ kind: 'delivery', count: 2, value: '25', effect: '0' }])
    expect(drawn.closing).toBe('5')
  })

  it('begins with what the statement before did not know, and takes back what was in error', () => {
    // the statement before: up to day 0, known up to position 5
    const entries = [
      entry(3, -9, '400', { withdrawnAt: 8n }),
      entry(4, -8, '10'),
      entry(7, -5, '-60'),
      entry(6, 4, '500'),
      entry(9, -4, '99', { withdrawnAt: 10n }),
    ]
    const drawn = drawStatement(entries, cut(0, 31, 5, 12), '410')
    expect(shown(drawn)).toEqual([
      ['late', 'DOC-7', '-60', '350'],
      ['withdrawn', 'DOC-3', '-400', '-50'],
      ['line', 'DOC-6', '500', '450'],
    ])
    expect(drawn.lines.map(({ lineId }) => lineId)).toEqual([idOf(7), `${idOf(3)}/withdrawn`, idOf(6)])
  })
})

interface Made {
  readonly days: number
  readonly effect: number
  readonly withdrawnAfter: number | null
}
/** What happens one after another: an entry, or a statement that is drawn. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      days: fc.integer({ min: 0, max: 90 }),
      effect: fc.integer({ min: -500, max: 900 }),
      withdrawnAfter: fc.option(fc.integer({ min: 1, max: 40 })),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom('next' as const, 'restate' as const) },
)

describe('a chain of statements over any history of an account', () => {
  it('opens where the one before closed, adds up, and closes with what is owed as known then', () => {
    let [lateLines, withdrawnLines, restated, statements] = [0, 0, 0, 0]
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const entries: RecordedEntry[] = []
        const owed = (until: number, watermark: bigint): bigint =>
          entries
            .filter(
              ({ occurredAt, position, withdrawnAt }) =>
                instantOf(occurredAt) < until &&
                position <= watermark &&
                (withdrawnAt === undefined || withdrawnAt > watermark),
            )
            .reduce((sum, { effect }) => sum + BigInt(effect), 0n)
        const known = (watermark: bigint) => entries.filter(({ position }) => position <= watermark)
        let last:
          | { from: number; until: number; prior: bigint; watermark: bigint; opening: string; closing: string }
          | undefined
        for (const [index, one] of steps.entries()) {
          const position = index + 1
          if (typeof one === 'object') {
            const { days, effect, withdrawnAfter }: Made = one
            const gone = withdrawnAfter === null ? {} : { withdrawnAt: BigInt(position + withdrawnAfter) }
            entries.push(entry(position, days, String(effect), gone))
            continue
          }
          if (one === 'restate' && !last) continue
          const watermark = BigInt(position)
          const place =
            one === 'restate' && last
              ? { ...last, watermark }
              : last
                ? {
                    from: last.until,
                    until: last.until + 10 * day,
                    prior: last.watermark,
                    watermark,
                    opening: last.closing,
                  }
                : {
                    from: start + 10 * day,
                    until: start + 20 * day,
                    prior: watermark,
                    watermark,
                    opening: String(owed(start + 10 * day, watermark)),
                  }
          const drawn = drawStatement(known(watermark), place, place.opening)
          const sum = drawn.lines.reduce((total, { effect }) => total + BigInt(effect), BigInt(place.opening))
          expect(drawn.closing).toBe(String(sum))
          expect(drawn.closing).toBe(String(owed(place.until, watermark)))
          expect(drawn.totals.reduce((total, { effect }) => total + BigInt(effect), BigInt(place.opening))).toBe(sum)
          expect(new Set(drawn.lines.map(({ lineId }) => lineId)).size).toBe(drawn.lines.length)
          statements += 1
          restated += one === 'restate' ? 1 : 0
          lateLines += drawn.lines.filter(({ record }) => record === 'late').length
          withdrawnLines += drawn.lines.filter(({ record }) => record === 'withdrawn').length
          last = {
            from: place.from,
            until: place.until,
            prior: place.prior,
            watermark,
            opening: place.opening,
            closing: drawn.closing,
          }
        }
      }),
      { numRuns: 300, seed: 20_261_122 },
    )
    for (const count of [statements, restated, lateLines, withdrawnLines]) expect(count).toBeGreaterThan(100)
  })

  it('does not depend on the order in which entries are found', () => {
    const entries = Array.from({ length: 30 }, (_, n) => entry(n + 1, (n * 7) % 40, String(n * 11 - 90)))
    const drawn = drawStatement(entries, cut(5, 30, 12, 40), '0')
    expect(drawStatement([...entries].reverse(), cut(5, 30, 12, 40), '0')).toEqual(drawn)
  })
})

describe('the text of a statement', () => {
  const head = {
    companyId: 'maker',
    dealerId: 'D-1',
    currency: 'USD',
    statementNo: 3,
    version: 1,
    periodId: '2026-01',
    from: time(0),
    until: time(31),
    opening: '-5',
    closing: '12340',
  }
  const entries = [
    entry(1, 2, '12345', { orderId: 'O-1', dueOn: '2026-02-01' }),
    entry(2, 1, '0', { kind: 'order', value: '123.456', reference: '=HYPERLINK("x"),"y"' }),
  ]
  const text = statementText(head, drawStatement(entries, cut(0, 31, 9, 9), '-5').lines)

  it('is the CSV export: figures stay figures, what a spreadsheet would run stays a text', () => {
    expect(text.split('\n')).toEqual([
      'record,no,kind,occurredAt,document,order,detail,reference,dueOn,value,effect,balance,id',
      'head,,companyId,,maker,,,,,,,,',
      'head,,dealerId,,D-1,,,,,,,,',
      'head,,currency,,USD,,,,,,,,',
      'head,,statementNo,,3,,,,,,,,',
      'head,,version,,1,,,,,,,,',
      'head,,period,,2026-01,,,,,,,,',
      'head,,from,,2026-01-01T00:00:00.000Z[UTC],,,,,,,,',
      'head,,until,,2026-02-01T00:00:00.000Z[UTC],,,,,,,,',
      'opening,,,,,,,,,,,-0.05,',
      `line,1,order,2026-01-02T00:00:00.000Z[UTC],DOC-2,,,"'=HYPERLINK(""x""),""y""",,123.456,0,-0.05,${idOf(2)}`,
      `line,2,invoice,2026-01-03T00:00:00.000Z[UTC],DOC-1,O-1,,,2026-02-01,,123.45,123.4,${idOf(1)}`,
      'closing,,,,,,,,,,,123.4,',
      '',
    ])
  })

  it('changes with every figure of it', () => {
    const hash = (of: string): string => createHash('sha256').update(of).digest('hex')
    const others = [
      statementText({ ...head, version: 2 }, drawStatement(entries, cut(0, 31, 9, 9), '-5').lines),
      statementText({ ...head, opening: '-4' }, drawStatement(entries, cut(0, 31, 9, 9), '-5').lines),
      statementText(head, drawStatement(entries.slice(1), cut(0, 31, 9, 9), '-5').lines),
    ]
    expect(new Set([text, ...others].map(hash)).size).toBe(4)
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('guards %j', (cell) => {
    expect(csvText([[cell, { figure: '-1' }]]).replaceAll('"', '')).toBe(`'${cell},-1\n`)
  })
})
