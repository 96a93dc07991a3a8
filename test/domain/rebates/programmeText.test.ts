import { describe, expect, it } from 'vitest'
import { programmeText, type ProgrammeText } from '../../../src/domain/rebates/programmeText.ts'
import type { Method, Terms } from '../../../src/domain/rebates/terms.ts'
import { termsWith } from './facts.ts'

const tiers = [
  { from: '0', to: '50000', rate: '0.01' },
  { from: '50000', rate: '0.0125' },
]
const methods: readonly Method[] = [
  { kind: 'marginal', tiers },
  { kind: 'all-units', tiers },
  { kind: 'rolling', tiers },
  { kind: 'total', tiers },
  { kind: 'fixed-sum', target: 'own', amount: '5000' },
  { kind: 'per-unit', amount: '2.5' },
  { kind: 'per-transaction', amount: '7' },
  { kind: 'increment', target: '50000', step: '10000', amount: '500' },
  {
    kind: 'linear',
    from: { volume: '100000', rate: '0.01' },
    to: { volume: '200000', rate: '0.03' },
    below: 'first',
  },
  { kind: 'growth', on: 'growth', tiers, withoutBaseline: 'nothing' },
  { kind: 'growth', on: 'volume', tiers: [{ from: '0.25', rate: '0.02' }], withoutBaseline: 'all' },
  { kind: 'attainment', tiers: [{ from: '0.9', rate: '0.01' }], excess: '0.005' },
  { kind: 'mix', set: { skus: ['BIKE'], categories: ['helmets'] }, tiers: [{ from: '0.5', rate: '0.03' }] },
  {
    kind: 'early-payment',
    since: 'invoice',
    tiers: [
      { to: '0', rate: '0.004' },
      { from: '0', to: '16', rate: '0.003' },
    ],
  },
]
const flat = ({ sections }: ProgrammeText): string => sections.flatMap(({ lines }) => lines.flat()).join('\n')
const full: Partial<Terms> = {
  eligibility: { kind: 'tiers', tiers: ['gold', 'silver'] },
  products: { include: { categories: ['bikes', 'parts'] }, exclude: { skus: ['OLD'] } },
  currencies: ['USD', 'CNY'],
  cap: '100000',
  floor: '500',
  stackingGroup: 'SPRING',
  secondApprovalAbove: '75000',
  gates: [
    { kind: 'minimum', set: { skus: ['BIKE'] }, volume: '20000' },
    { kind: 'attainment', ratio: '0.9', whenClosed: '0.5' },
    { kind: 'mix', set: { categories: ['helmets'] }, ratio: '0.1' },
    { kind: 'breadth', skus: 5 },
    { kind: 'process', evidence: 'display', count: 3, whenClosed: '0.7' },
    { kind: 'payment', overdueDays: 15 },
    {
      kind: 'collection',
      since: 'due',
      bands: [
        { to: '0', rate: '1' },
        { from: '0', to: '31', rate: '0.6' },
      ],
    },
    { kind: 'score', evaluation: 'service', version: 2, score: '80' },
  ],
  launchedWithinDays: 90,
}

describe('a programme reads as a document', () => {
  it('says everything that its terms say, in English', () => {
    const text = programmeText(termsWith({ kind: 'marginal', tiers }, full), 'en')
    expect(text.title).toBe('Volume rebate')
    expect(text.sections.map(({ heading }) => heading)).toEqual([
      'Who takes part',
      'What counts',
      'What is earned',
      'Conditions for being paid',
      'Limits and rounding',
      'Settlement',
    ])
    expect(text.sections[2]?.lines).toEqual([
      'Each part of the volume earns the rate of the tier in which it lies:',
      ['from 0 to less than 50,000: 1 %', 'from 50,000: 1.25 %'],
    ])
    expect(text.sections[3]?.lines).toEqual([
      'The volume of product BIKE is at least 20,000. Otherwise nothing is paid.',
      'The dealer reaches at least 90 % of its own target. Otherwise 50 % of what is earned is paid.',
      'category helmets have a share of at least 10 % in the volume. Otherwise nothing is paid.',
      'At least 5 different products of what counts were bought. Otherwise nothing is paid.',
      'There are at least 3 pieces of evidence of the kind display in the period. Otherwise 70 % of what is earned is paid.',
      'Nothing that the dealer owes is overdue by more than 15 days at the cut-off, at the latest when the grace days end. Otherwise nothing is paid.',
      'What is earned is paid by the longest delay of a document of the period after its due date, until its money or the cut-off:',
      ['less than day 0: 100 %', 'from day 0 to less than day 31: 60 %'],
      'Outside of these days nothing is paid.',
      'The dealer’s evaluation service, version 2, for the period is at least 80. Otherwise nothing is paid.',
    ])
    for (const word of [
      'gold, silver',
      'bikes, parts',
      'OLD',
      'USD, CNY',
      '100,000',
      '500',
      'SPRING',
      '75,000',
      '180 days',
      '5 days',
      'until 90 days after its launch',
    ])
      expect(flat(text)).toContain(word)
  })

  it('what is counted and not valued', () => {
    const counted: Partial<Terms> = { measure: 'units', currencies: ['CNY'] }
    const process = termsWith(
      { kind: 'per-unit', amount: '200' },
      { ...counted, basis: 'evidence', unit: 'C62', products: { include: { skus: ['display', 'training'] } } },
    )
    expect(
      programmeText(process, 'en')
        .sections.slice(1, 3)
        .map(({ lines }) => lines),
    ).toEqual([
      [
        'Counted is the evidence of the quarter that is recorded and not withdrawn.',
        'Only evidence of the kinds display, training count.',
      ],
      ['200 for each piece of evidence.'],
    ])
    expect(flat(programmeText(process, 'zh-CN'))).toContain('仅计display、training 类举证。')
    const soldOut = termsWith(
      { kind: 'fixed-sum', target: '1000', amount: '5' },
      { ...counted, basis: 'sold-out', unit: 'EA' },
    )
    expect(flat(programmeText(soldOut, 'en'))).toContain('at whatever price')
    expect(flat(programmeText(soldOut, 'zh-CN'))).toContain('不论售价')
    expect(flat(programmeText({ ...soldOut, rounding: { mode: 'down', level: 'line' } }, 'en'))).toContain(
      'What each line earns is rounded',
    )
  })

  it('and in Chinese', () => {
    const text = programmeText(termsWith({ kind: 'all-units', tiers }, full), 'zh-CN')
    expect(text.title).toBe('销量返利')
    expect(text.sections[2]?.lines).toEqual([
      '全额累进，全部的量按所达最高档位的比例计算：',
      ['0 起，不足 50,000：1 %', '50,000 起：1.25 %'],
    ])
    expect(flat(text)).toContain('季度关账且满 5 天后作最终结算。')
  })

  it.each(methods.map((method) => [`${method.kind}${'on' in method ? ` on ${method.on}` : ''}`, method] as const))(
    '%s, in both languages, with every figure of it',
    (_, method) => {
      const terms = termsWith(method, method.kind === 'per-unit' ? { measure: 'units', unit: 'EA' } : {})
      const [english, chinese] = [programmeText(terms, 'en'), programmeText(terms, 'zh-CN')]
      const figures = (text: ProgrammeText): string[] =>
        (
          text.sections[2]?.lines
            .flat()
            .join(' ')
            .match(/\d[\d,.]*/g) ?? []
        )
          .map((one) => one.replace(/[,.]$/, ''))
          .toSorted()
      expect(figures(chinese)).toEqual(figures(english))
      expect({ english: english.sections[2]?.lines, chinese: chinese.sections[2]?.lines }).toMatchSnapshot()
    },
  )
})
