import { expect, it } from 'vitest'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import { calculationProblem } from '../../../src/domain/rebates/calculationProblem.ts'
import { settle } from '../../../src/domain/rebates/settle.ts'
import { standingOf } from '../../../src/domain/rebates/standing.ts'
import { settleShape, type ShapeResult } from '../../model/oracle/shapes.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import {
  besideRequest,
  boundsOf,
  kinds,
  oracleInput,
  shapeCase,
  smallest,
  type ShapeCase,
} from '../../support/shapeCases.ts'

// The engine of the shapes against an oracle that was written from docs/settlement-rules.md alone.

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const cases = Number(process.env['SHAPES_CASES'] ?? (isLong ? 100_000 : 3_000))
const seed = Number(process.env['SHAPES_SEED'] ?? 20_260_211)

type Settled = ReturnType<typeof settle>
type Node = Settled['explanation']
const childrenOf = (node: Node): readonly Node[] => node.children ?? []
const ofCode = (node: Node, ...codes: string[]): Node[] => childrenOf(node).filter(({ code }) => codes.includes(code))
const sumOf = (nodes: readonly Node[]): string =>
  formatDecimal(nodes.reduce((sum, { amount }) => sum + parseDecimal(amount), 0n))

const settled = ({ terms, currency, facts, prior, target, baseline, beside }: ShapeCase) =>
  settle({
    programmeId: 'p',
    terms,
    currency,
    facts,
    prior,
    standing: standingOf(
      { terms, ...besideRequest, cutOff: beside.cutOff, watermark: BigInt(beside.watermark) },
      beside.facts,
    ),
    ...(target !== undefined && { target }),
    ...(baseline !== undefined && { baseline }),
  })

/** What the engine says, in the words of the oracle. */
function inWordsOfTheOracle({ calculation, due, explanation }: Settled): ShapeResult {
  const [earned] = ofCode(explanation, 'earned')
  const shares = ofCode(earned!, 'tier', 'sum')
  const lines = shares.flatMap((node) =>
    ofCode(node, 'line').map(({ source, amount }): [string, string] => [
      `${source!.eventId}/${source!.lineNo}/${node.tier?.no}`,
      amount,
    ]),
  )
  const { missing, rest, gates = [], gated = '0' } = calculation
  return {
    volume: calculation.volume,
    earned: calculation.earned,
    due: String(due),
    lines: new Map(lines),
    loose: sumOf(shares.filter(({ code, children = [] }) => code === 'sum' && children.length === 0)),
    capped: calculation.capped,
    gated,
    rounding: calculation.rounding,
    gates: gates.map(({ found, open }) => ({ ...(found !== undefined && { found }), open })),
    ...(missing !== undefined && { missing }),
    ...(rest !== undefined && { rest }),
  }
}

/** Everything in one text, lines in the order of their keys; a rest of nothing is none. */
function text({ volume, earned, due, loose, capped, gated, rounding, gates, missing, rest = '0', lines }: ShapeResult) {
  const sorted = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const figures = { volume, earned, due, loose, capped, gated, rounding, gates, missing, rest }
  return JSON.stringify({ ...figures, lines: Object.fromEntries(sorted) })
}

const digits: Readonly<Record<string, number>> = { USD: 2, JPY: 0, KWD: 3 }

/** What is wrong with the tree by itself, or nothing. */
function flawOf(given: ShapeCase, { calculation, due, explanation }: Settled): string | undefined {
  const inMinor = (amount: string): bigint => parseDecimal(amount) * 10n ** BigInt(digits[given.currency]!)
  const flaws: (string | false | undefined)[] = []
  const visit = (node: Node): void => {
    const children = childrenOf(node)
    if (children.length > 0 && sumOf(children) !== node.amount)
      flaws.push(`${node.id} is ${node.amount} and its children ${sumOf(children)}`)
    if (node.code === 'tier' && children.length === 0 && node.amount !== '0') flaws.push(`${node.id} has no lines`)
    children.forEach(visit)
  }
  visit(explanation)
  const earned = ofCode(explanation, 'earned')[0]!
  const shown = (...codes: string[]): string => sumOf(ofCode(earned, ...codes))
  flaws.push(
    inMinor(explanation.amount) !== due * 1_000_000n && 'the root is not what is due',
    inMinor(earned.amount) !== BigInt(calculation.earned) * 1_000_000n && 'the node is not what is earned',
    shown('cap', 'floor') !== calculation.capped && 'the node is not what a bound did',
    shown('gate') !== (calculation.gated ?? '0') && 'the node is not what gates took',
    shown('rounding') !== calculation.rounding && 'the node is not what rounding did',
    ofCode(earned, 'missing').length !== (calculation.missing ? 1 : 0) && 'what is missing is not shown',
    ofCode(earned, 'gate').length !== ((given.terms.gates ?? []).length > 0 ? 1 : 0) && 'gates are not shown',
    ofCode(earned, 'cap').some(({ amount }) => parseDecimal(amount) > 0n) && 'a cap gives',
    ofCode(earned, 'floor').some(({ amount }) => parseDecimal(amount) < 0n) && 'a floor takes',
  )
  const { target, baseline } = given
  const problem = calculationProblem(given.terms, given.currency, calculation, {
    ...(target !== undefined && { target }),
    ...(baseline !== undefined && { baseline }),
  })
  if (problem !== undefined) flaws.push(`the calculation has a problem: ${JSON.stringify(problem)}`)
  return flaws.find((flaw) => typeof flaw === 'string')
}

/** Nothing, or how engine and oracle differ, or what is wrong with the tree. */
function differenceOf(given: ShapeCase, oracle: ShapeResult, random: () => number): string | undefined {
  const engine = settled(given)
  const [said, expected] = [text(inWordsOfTheOracle(engine)), text(oracle)]
  if (said !== expected) return `engine ${said}\noracle ${expected}`
  const flaw = flawOf(given, engine)
  if (flaw !== undefined) return flaw
  const facts = given.facts
    .map((fact) => ({ fact, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ fact }) => fact)
  const beside = { ...given.beside, facts: given.beside.facts.toReversed() }
  const tree = ({ explanation }: Settled): string => JSON.stringify(explanation)
  return tree(engine) === tree(settled({ ...given, facts, beside }))
    ? undefined
    : 'another order of the facts, another tree'
}

const isNot = (text: string): boolean => text !== '0'
/** The names of what a case is a case of; the test wants each of `wanted`. */
function met(given: ShapeCase, result: ShapeResult): string[] {
  const { method, basis, measure, gates = [], rounding, launchedWithinDays } = given.terms
  const volume = parseDecimal(result.volume)
  const tiers = [...result.lines.keys()].map((key) => Number(key.split('/')[2]))
  const minor = 10n ** BigInt(6 - digits[given.currency]!)
  const closed = gates.filter((_, index) => !result.gates[index]!.open)
  const names: [string, boolean][] = [
    [`${method.kind}: earns`, isNot(result.earned)],
    [`${method.kind}: earns nothing`, !isNot(result.earned)],
    [`${method.kind} of ${measure}`, true],
    [given.currency, true],
    ['on a bound', boundsOf(given).includes(volume)],
    ['just below a bound', boundsOf(given).includes(volume + 1n)],
    ['just above a bound', boundsOf(given).includes(volume - 1n)],
    ['capped', result.capped.startsWith('-')],
    ['floored', isNot(result.capped) && !result.capped.startsWith('-')],
    ['all gates open', gates.length > 0 && closed.length === 0],
    ['partly paid', isNot(result.gated) && isNot(result.earned)],
    ['not paid', isNot(result.gated) && !isNot(result.earned)],
    ...gates.flatMap((gate, index): [string, boolean][] => [
      [`gate ${gate.kind} open`, result.gates[index]!.open],
      [`gate ${gate.kind} closed`, !result.gates[index]!.open],
      [`gate ${gate.kind} found nothing`, result.gates[index]!.found === undefined],
      [`gate ${gate.kind} of days below zero`, result.gates[index]!.found?.startsWith('-') ?? false],
    ]),
    [
      'a band between all and nothing',
      gates.some(({ kind }, index) => kind === 'collection' && !result.gates[index]!.open && isNot(result.earned)) &&
        closed.length === 1,
    ],
    [`${basis}: earns`, isNot(result.earned)],
    ['by line', rounding.level === 'line' && isNot(result.earned)],
    ['by line and gated', rounding.level === 'line' && isNot(result.gated) && isNot(result.rounding)],
    [
      'new and old products',
      launchedWithinDays !== undefined &&
        result.lines.size > 0 &&
        new Set([...result.lines.keys()].map((key) => key.split('/').slice(0, 2).join('/'))).size < given.facts.length,
    ],
    [
      'a set is just what a gate asks for',
      gates.some(
        (gate, index) =>
          gate.kind === 'mix' &&
          volume > 0n &&
          parseDecimal(result.gates[index]!.found ?? '0') * 1_000_000n === parseDecimal(gate.ratio) * volume,
      ),
    ],
    ['target missing', result.missing === 'target'],
    ['baseline missing', result.missing === 'baseline'],
    ['baseline missing, all is growth', method.kind === 'growth' && !result.missing && !isNot(given.baseline ?? '0')],
    ['volume below zero', volume < 0n],
    ['no volume', volume === 0n],
    ['less than nothing earned', result.earned.startsWith('-')],
    ['loose', isNot(result.loose)],
    ['a rest', isNot(result.rest ?? '0')],
    [`${rounding.mode} gave`, isNot(result.rounding) && !result.rounding.startsWith('-')],
    [`${rounding.mode} took`, result.rounding.startsWith('-')],
    [`${rounding.mode} of a half`, 2n * parseDecimal(result.rounding.replace('-', '')) === minor],
    ['owed back', result.due.startsWith('-')],
    ['without facts', given.facts.length === 0],
    ['a line in several tiers', result.lines.size > given.facts.length],
    ['an excess', method.kind === 'attainment' && tiers.includes(method.tiers.length + 1)],
    ['a share of six digits', [...result.lines.values()].some((share) => /\.\d{6}$/.test(share))],
  ]
  return names.filter(([, isMet]) => isMet).map(([name]) => name)
}
const wanted = [
  ...kinds.flatMap((kind) => [
    `${kind}: earns`,
    `${kind}: earns nothing`,
    ...(kind === 'per-unit' ? [] : [`${kind} of net`, `${kind} of gross`]),
    ...(kind === 'rolling' ? [] : [`${kind} of units`]),
  ]),
  'USD',
  'JPY',
  'KWD',
  'on a bound',
  'just below a bound',
  'just above a bound',
  'capped',
  'floored',
  ...['process', 'payment', 'collection', 'score'].flatMap((kind) => [`gate ${kind} open`, `gate ${kind} closed`]),
  ...['payment', 'collection', 'score'].map((kind) => `gate ${kind} found nothing`),
  ...['payment', 'collection'].map((kind) => `gate ${kind} of days below zero`),
  'a band between all and nothing',
  'sold-out: earns',
  'evidence: earns',
  'by line',
  'by line and gated',
  'new and old products',
  ...['minimum', 'attainment', 'mix', 'breadth'].flatMap((kind) => [`gate ${kind} open`, `gate ${kind} closed`]),
  'all gates open',
  'a set is just what a gate asks for',
  'partly paid',
  'not paid',
  'target missing',
  'baseline missing',
  'volume below zero',
  'baseline missing, all is growth',
  'no volume',
  'less than nothing earned',
  'loose',
  'a rest',
  'owed back',
  ...['half-up', 'half-even', 'up'].flatMap((mode) => [`${mode} gave`, `${mode} took`, `${mode} of a half`]),
  'down took',
  'down of a half',
  'floor took',
  'floor of a half',
  'without facts',
  'a line in several tiers',
  'an excess',
  'a share of six digits',
]

it(`shapes pay what the rules say in ${cases} cases (SEED=${seed})`, { timeout: 3_600_000 }, () => {
  const random = seededRandom(seed)
  const counts = new Map<string, number>()
  for (let no = 1; no <= cases; no++) {
    const given = shapeCase(random)
    const oracle = settleShape(oracleInput(given))
    if (differenceOf(given, oracle, random) !== undefined) {
      const differs = (of: ShapeCase) => differenceOf(of, settleShape(oracleInput(of)), random)
      const least = smallest(given, (smaller) => differs(smaller) !== undefined)
      throw new Error(`case ${no} of seed ${seed}: ${differs(least)}\n${JSON.stringify(least)}`)
    }
    for (const name of met(given, oracle)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  console.log(`SEED=${seed}: ${wanted.map((name) => `${name} ${counts.get(name) ?? 0}`).join(', ')}`)
  expect(wanted.filter((name) => !counts.has(name))).toEqual([])
})
