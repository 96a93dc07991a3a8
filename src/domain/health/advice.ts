import { minorDigits, minorToMicros } from '../kernel/currency.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { compare, grouped } from '../kernel/decimalText.ts'
import { localText } from '../kernel/localText.ts'
import type { PaperLanguage } from '../kernel/paper.ts'
import type { Diagnosis, RebatePosition, StockLine } from './diagnosis.ts'

export interface Advice {
  /** the named rule that gives it */
  readonly rule: string
  readonly text: string
}

type Words = Readonly<Record<PaperLanguage, string>>

/** Below so many points a metric of the index is worth a word. */
const weakBelow = parseDecimal('60')
const weak: Readonly<Record<string, Words>> = {
  'net-sales': {
    en: 'Sales are low for the model: agree a plan for the next quarter.',
    'zh-CN': '销售额偏低：请商定下季度计划。',
  },
  'sales-growth': {
    en: 'Sales fall: look at the products that fell most.',
    'zh-CN': '销售下滑：请关注跌幅最大的产品。',
  },
  attainment: { en: 'The target is far: order early in the period.', 'zh-CN': '目标差距较大：请在期初订货。' },
  'violation-points-per-order': {
    en: 'Confirmed cases weigh on the index: remedy the open ones.',
    'zh-CN': '已确认违规影响指数：请整改未结案件。',
  },
  'price-compliance': {
    en: 'Order lines lie outside floor and ceiling: check the prices agreed.',
    'zh-CN': '订单行超出底价或限价：请核对约定价格。',
  },
  'corrections-per-order': {
    en: 'Many entries were corrected: check orders before they are sent.',
    'zh-CN': '更正较多：提交前请核对订单。',
  },
  'exclusive-share': { en: 'More of the purchases could be made here.', 'zh-CN': '可提高独家合作份额。' },
  'new-product-share': {
    en: 'New products sell little: ask for samples and training.',
    'zh-CN': '新品占比低：可申请样品与培训。',
  },
  'order-recency': { en: 'The last order is long ago.', 'zh-CN': '距上次订货已久。' },
  'digital-order-share': { en: 'Place orders through the portal or the API.', 'zh-CN': '请通过门户或 API 下单。' },
  'stock-report-lag': { en: 'Report stock within a day.', 'zh-CN': '请在一天内上报库存。' },
  'statement-confirmation-rate': { en: 'Confirm the statements that are open.', 'zh-CN': '请确认未结对账单。' },
  'forecast-growth': { en: 'Demand is expected to fall: plan stock with care.', 'zh-CN': '预计需求下降：请谨慎备货。' },
  'outlet-growth': { en: 'Outlets were closed: tell which will replace them.', 'zh-CN': '终端减少：请说明替代计划。' },
  'credit-use': {
    en: 'The credit limit is nearly used: pay or ask for another one.',
    'zh-CN': '授信接近用尽：请回款或申请调整。',
  },
}

/** What the dealer can do, by named rules alone. */
export function adviceOf({ health, rebates, stock }: Diagnosis, language: PaperLanguage): readonly Advice[] {
  const metrics = health.dimensions.flatMap((dimension) => dimension.metrics)
  return [
    ...rebates.flatMap((one) => (one.next ? [{ rule: 'next-tier', text: nextTierText(one, language) }] : [])),
    ...metrics.flatMap(({ metric, points }) => {
      const words = weak[metric]
      if (!words || points === undefined || parseDecimal(points) >= weakBelow) return []
      return [{ rule: `weak-${metric}`, text: words[language] }]
    }),
    ...about('dead-stock', stock.filter(isDead), dead, language),
    ...about('below-safety-stock', stock.filter(isBelowSafety), below, language),
  ]
}

/** `37,000 more by 2026-06-30 reaches the next tier: +4,100 CNY`. */
export function nextTierText(
  { programmeId, name, currency, measure, lastDay, next }: RebatePosition,
  language: PaperLanguage,
): string {
  if (!next) return ''
  const unit = measure === 'units' ? '' : `${currency} `
  const missing = `${unit}${grouped(next.missing)}`
  const more = formatDecimal(minorToMicros(BigInt(next.more), currency))
  const amount = `${currency} ${grouped(more, minorDigits(currency))}`
  const called = localText(name, language) || programmeId
  return language === 'en'
    ? `${called}: ${missing} more by ${lastDay} reaches the next tier: +${amount}`
    : `${called}：${lastDay} 前再购 ${missing} 即达下一档：+${amount}`
}

export function isDead({ onHand, sold }: StockLine): boolean {
  return compare(onHand, '0') > 0 && compare(sold, '0') <= 0
}

export function isBelowSafety({ onHand, safety }: StockLine): boolean {
  return compare(safety, '0') > 0 && compare(onHand, safety) < 0
}

const dead: Words = { en: 'Nothing was sold of: ', 'zh-CN': '以下产品无动销：' }
const below: Words = { en: 'Below safety stock: ', 'zh-CN': '低于安全库存：' }
const named = 10

function about(rule: string, lines: readonly StockLine[], words: Words, language: PaperLanguage): readonly Advice[] {
  if (lines.length === 0) return []
  const more = lines.length > named ? ` (+${lines.length - named})` : ''
  const skus = lines.slice(0, named).map(({ sku }) => sku)
  return [{ rule, text: `${words[language]}${skus.join(', ')}${more}` }]
}
