import { parseDecimal } from '../kernel/decimal.ts'
import { grouped, percent } from '../kernel/decimalText.ts'
import { localText } from '../kernel/localText.ts'
import type { Paper, PaperLanguage } from '../kernel/paper.ts'
import { programmeWords, type ProgrammeWords } from './programmeWords.ts'
import type { Eligibility, Gate, Outlet, ProductSet, Terms } from './terms.ts'

/** A programme as a document: headings, and sentences below them; a sentence that ends in a colon is followed by its tiers. */
export interface ProgrammeText {
  readonly title: string
  readonly sections: readonly { readonly heading: string; readonly lines: readonly Line[] }[]
}

export type Line = string | readonly string[]

/** What the terms say, for people, in their order of importance; everything in it follows from the terms. */
export function programmeText(terms: Terms, language: PaperLanguage): ProgrammeText {
  const words = programmeWords[language]
  const { headings } = words
  const sections: ProgrammeText['sections'] = [
    { heading: headings.who, lines: whoOf(terms, words) },
    { heading: headings.counts, lines: countsOf(terms, words) },
    { heading: headings.earned, lines: earnedOf(terms, words) },
    { heading: headings.conditions, lines: (terms.gates ?? []).flatMap((gate) => gateOf(gate, terms, words)) },
    { heading: headings.bounds, lines: boundsOf(terms, words) },
    { heading: headings.settlement, lines: settlementOf(terms, words) },
  ]
  const title = localText(terms.name, language)
  return { title, sections: sections.filter(({ lines }) => lines.length > 0) }
}

/** The same as a paper: what the programme's members get. */
export function programmePaper(programmeId: string, terms: Terms, language: PaperLanguage): Paper {
  const { title, sections } = programmeText(terms, language)
  const { version } = programmeWords[language]
  return {
    language,
    name: `${programmeId}-${terms.version}`,
    title,
    subtitle: `${programmeId} · ${version(terms.version)}`,
    parts: sections.map((section) => ({ kind: 'text', ...section })),
    footer: [`${programmeId} · ${version(terms.version)}`],
  }
}

function whoOf({ eligibility, currencies, payer, effectiveFrom }: Terms, words: ProgrammeWords): string[] {
  return [
    eligibleOf(eligibility, words),
    words.payer(payer),
    words.from(effectiveFrom.slice(0, 10)),
    ...(currencies ? [words.currencies(words.list(currencies))] : []),
  ]
}

function eligibleOf(eligibility: Eligibility, words: ProgrammeWords): string {
  switch (eligibility.kind) {
    case 'all':
      return words.everybody
    case 'tiers':
      return words.ofTiers(words.list(eligibility.tiers))
    case 'territories':
      return words.ofTerritories(words.list(eligibility.territories))
    case 'members':
      return words.members
  }
}

function countsOf(terms: Terms, words: ProgrammeWords): string[] {
  const { basis, measure, unit, grain, products, launchedWithinDays, returns, clawbackDays, stackingGroup } = terms
  const { include, exclude } = products
  if (basis === 'evidence') return evidenceOf(terms, words)
  const how = measure === 'units' ? `${words.measure.units} (${unit ?? ''})` : words.measure[measure]
  return [
    words.volume(words.basis[basis], how, words.grain[grain]),
    include ? words.include(setOf(include, words)) : words.everyProduct,
    ...(exclude ? [words.exclude(setOf(exclude, words))] : []),
    ...(launchedWithinDays === undefined ? [] : [words.launched(launchedWithinDays)]),
    basis === 'sold-out'
      ? words.soldOutReturns[returns]
      : returns === 'deduct'
        ? words.returns(clawbackDays)
        : words.noReturns,
    ...(stackingGroup === undefined ? [] : [words.stacked(stackingGroup)]),
  ]
}

function evidenceOf({ grain, products: { include, exclude }, stackingGroup }: Terms, words: ProgrammeWords): string[] {
  return [
    words.evidence(words.grain[grain]),
    ...(include ? [words.include(words.evidenceKinds(words.list(include.skus ?? [])))] : []),
    ...(exclude ? [words.exclude(words.evidenceKinds(words.list(exclude.skus ?? [])))] : []),
    ...(stackingGroup === undefined ? [] : [words.stacked(stackingGroup)]),
  ]
}

function earnedOf(terms: Terms, words: ProgrammeWords): Line[] {
  const { method, basis, targetAt = 'period-end' } = terms
  const unit = unitOf(terms, words)
  const volume = volumeIn(terms, words)
  const targetOf = (target: string): string => (target === 'own' ? words.ownTarget : volume(target))
  const ownTarget = (target: string): string[] => (target === 'own' ? [words.targetAt[targetAt]] : [])
  switch (method.kind) {
    case 'marginal':
      return [words.marginal, bandsOf(method.tiers, volume, words)]
    case 'all-units':
      return [words.allUnits, bandsOf(method.tiers, volume, words)]
    case 'rolling':
      return [words.rolling, bandsOf(method.tiers, volume, words)]
    case 'total':
      return [words.total, bandsOf(method.tiers, volume, words)]
    case 'fixed-sum':
      return [words.fixedSum(grouped(method.amount), targetOf(method.target)), ...ownTarget(method.target)]
    case 'per-unit':
      return [
        basis === 'evidence' ? words.perEvidence(grouped(method.amount)) : words.perUnit(grouped(method.amount), unit),
      ]
    case 'per-transaction':
      return [words.perTransaction(grouped(method.amount))]
    case 'increment': {
      const { amount, step, target } = method
      return [words.increment(grouped(amount), volume(step), targetOf(target)), ...ownTarget(target)]
    }
    case 'linear': {
      const { from, to, below } = method
      const rates = words.linear(volume(from.volume), percent(from.rate), volume(to.volume), percent(to.rate))
      return [rates, words.below(volume(from.volume), percent(below === 'first' ? from.rate : '0'))]
    }
    case 'growth': {
      const isOnGrowth = method.on === 'growth'
      const bands = bandsOf(method.tiers, isOnGrowth ? volume : percent, words)
      return [
        isOnGrowth ? words.growthOnGrowth : words.growthOnVolume,
        bands,
        words.withoutBaseline[method.withoutBaseline],
      ]
    }
    case 'attainment':
      return [
        words.attainment,
        bandsOf(method.tiers, percent, words),
        ...(method.excess === undefined ? [] : [words.excess(percent(method.excess))]),
        words.targetAt[targetAt],
      ]
    case 'mix':
      return [words.mix(setOf(method.set, words)), bandsOf(method.tiers, percent, words)]
    case 'early-payment':
      return [words.earlyPayment[method.since], bandsOf(method.tiers, words.days, words)]
  }
}

function bandsOf(tiers: readonly Band[], bound: (figure: string) => string, words: ProgrammeWords): string[] {
  return tiers.map((tier) => bandOf(tier, bound, words))
}

interface Band {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly rate: string
}

/** A tier with its rate, its bounds written by `bound`. */
export function bandOf({ from, to, rate }: Band, bound: (figure: string) => string, words: ProgrammeWords): string {
  if (from === undefined) return words.upTo(bound(to ?? ''), percent(rate))
  return to === undefined ? words.above(bound(from), percent(rate)) : words.band(bound(from), bound(to), percent(rate))
}

function gateOf(gate: Gate, terms: Terms, words: ProgrammeWords): Line[] {
  if (gate.kind === 'collection')
    return [words.gates.collection[gate.since], bandsOf(gate.bands, words.days, words), words.outsideBands]
  const { whenClosed = '0' } = gate
  const otherwise = parseDecimal(whenClosed) === 0n ? words.otherwiseNothing : words.otherwise(percent(whenClosed))
  return [`${conditionOf(gate, terms, words)} ${otherwise}`]
}

/** What a gate asks for. */
export function conditionOf(gate: Gate, terms: Terms, { gates, scope, ...words }: ProgrammeWords): string {
  const named = (set: ProductSet | undefined): string =>
    set ? words.products(set.skus ?? [], set.categories ?? []) : scope
  switch (gate.kind) {
    case 'minimum':
      return gates.minimum(named(gate.set), volumeIn(terms, words)(gate.volume))
    case 'attainment':
      return gates.attainment(percent(gate.ratio))
    case 'mix':
      return gates.mix(named(gate.set), percent(gate.ratio))
    case 'breadth':
      return gates.breadth(gate.skus, named(gate.set))
    case 'collection':
      return gates.collected[gate.since]
    case 'process':
      return gates.process(gate.count, gate.evidence)
    case 'payment':
      return gates.payment(gate.overdueDays)
    case 'score':
      return gates.score(gate.evaluation, gate.version, grouped(gate.score))
  }
}

function boundsOf({ cap, floor, rounding }: Terms, words: ProgrammeWords): string[] {
  return [
    ...(floor === undefined ? [] : [words.floor(grouped(floor))]),
    ...(cap === undefined ? [] : [words.cap(grouped(cap))]),
    words.rounded[rounding.level](words.rounding[rounding.mode]),
  ]
}

function settlementOf(
  { negativeInterim, grain, graceDays, outlet, secondApprovalAbove, disputeDays }: Terms,
  words: ProgrammeWords,
): string[] {
  return [
    words.delta,
    negativeInterim === 'carry' ? words.carry : words.clawback,
    words.final(words.grain[grain], graceDays),
    words.afterwards,
    ...(secondApprovalAbove === undefined ? [] : [words.twoPeople(grouped(secondApprovalAbove))]),
    ...(disputeDays === undefined ? [] : [words.disputes(disputeDays)]),
    ...outletOf(outlet, words),
  ]
}

/** How payouts leave, in sentences. */
export function outletOf(outlet: Outlet, words: ProgrammeWords): string[] {
  if (typeof outlet === 'string') return [words.outlet[outlet]]
  if (outlet.kind === 'offset') return offsetOf(outlet, words)
  return [outlet.skus === undefined ? words.inGoods : words.inTheseGoods(setOf(outlet, words))]
}

function offsetOf(
  { share, skus, expiresAfterDays }: Extract<Outlet, { kind: 'offset' }>,
  words: ProgrammeWords,
): string[] {
  const goods = skus === undefined ? words.goods : setOf({ skus }, words)
  return [
    words.offset(percent(share), goods),
    ...(expiresAfterDays === undefined ? [] : [words.offsetExpires(expiresAfterDays)]),
  ]
}

function setOf({ skus = [], categories = [] }: ProductSet, words: ProgrammeWords): string {
  return words.products(skus, categories)
}

/** How a volume is written: a quantity with its unit. */
export function volumeIn(
  terms: Pick<Terms, 'measure' | 'unit' | 'basis'>,
  words: Pick<ProgrammeWords, 'pieceOfEvidence'>,
): (figure: string) => string {
  const unit = unitOf(terms, words)
  return (figure) => (terms.measure === 'units' ? `${grouped(figure)} ${unit}` : grouped(figure))
}

/** The code of what is counted; of evidence there is a word. */
function unitOf(
  { basis, unit = '' }: Pick<Terms, 'unit' | 'basis'>,
  { pieceOfEvidence }: Pick<ProgrammeWords, 'pieceOfEvidence'>,
): string {
  return basis === 'evidence' ? pieceOfEvidence : unit
}
