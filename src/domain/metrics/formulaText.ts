import { episodeOf } from './episodes.ts'
import type { EpisodeTake, Formula, Input, Window } from './formula.ts'
import type { LocalName } from './localName.ts'
import { measureOf } from './measures.ts'

type Language = keyof LocalName

/** A formula in words, such as `(invoiced, amount − credited, amount) ÷ days`. */
export function formulaText(formula: Formula, language: Language): string {
  switch (formula.op) {
    case 'number':
      return formula.value
    case 'days':
      return `${words.days[language]}${suffix(formula.window, language)}`
    case 'plus':
    case 'minus':
    case 'times':
    case 'per':
      return `${part(formula.a, formula.op, false, language)} ${signs[formula.op]} ${part(formula.b, formula.op, true, language)}`
    default:
      return inputText(formula, language)
  }
}

const signs = { plus: '+', minus: '−', times: '×', per: '÷' } as const
const ranks = { plus: 1, minus: 1, times: 2, per: 2 } as const

function part(formula: Formula, above: keyof typeof ranks, isRight: boolean, language: Language): string {
  const text = formulaText(formula, language)
  if (!(formula.op in ranks)) return text
  const [own, outer] = [ranks[formula.op as keyof typeof ranks], ranks[above]] // one of the four
  const binds = own > outer || (own === outer && !(isRight && (above === 'minus' || above === 'per')))
  return binds ? text : `(${text})`
}

/** One input in words. */
export function inputText(input: Input, language: Language): string {
  const end = suffix(input.window, language)
  switch (input.op) {
    case 'measure': {
      const { name, columns } = measureOf(input.measure)
      const column =
        columns.length > 1 || input.column !== 'amount' ? `${comma[language]}${words[input.column][language]}` : ''
      const taken = input.take === 'flow' ? '' : `${comma[language]}${words[input.take][language]}`
      return `[${name[language]}${column}${taken}${end}]`
    }
    case 'distinct':
      return `[${words[input.entity][language]}${colon[language]}${measureOf(input.measure).name[language]}${end}]`
    case 'newest':
      return `[${newestWords[input.take][language]}${colon[language]}${measureOf(input.measure).name[language]}${end}]`
    case 'episode':
      return `[${episodeOf(input.episode).name[language]}${comma[language]}${takeWords[input.take][language]}${end}]`
  }
}

const comma: LocalName = { en: ', ', 'zh-CN': '·' }
const colon: LocalName = { en: ' with ', 'zh-CN': '：' }

function suffix(window: Window, language: Language): string {
  return window === 'asked' ? '' : `${comma[language]}${windowWords[window][language]}`
}

const windowWords: Readonly<Record<Exclude<Window, 'asked'>, LocalName>> = {
  before: { en: 'window before', 'zh-CN': '上期' },
  yearBefore: { en: 'a year before', 'zh-CN': '上年同期' },
}

const words = {
  days: { en: 'days of the window', 'zh-CN': '期间天数' },
  amount: { en: 'amount', 'zh-CN': '金额' },
  quantity: { en: 'quantity', 'zh-CN': '数量' },
  count: { en: 'number', 'zh-CN': '数' },
  opening: { en: 'at the start', 'zh-CN': '期初' },
  closing: { en: 'at the end', 'zh-CN': '期末' },
  average: { en: 'average of the days', 'zh-CN': '日均' },
  dealer: { en: 'dealers', 'zh-CN': '经销商数' },
  product: { en: 'products', 'zh-CN': '产品数' },
  'dealer-product': { en: 'pairs of dealer and product', 'zh-CN': '经销商×产品数' },
} as const satisfies Readonly<Record<string, LocalName>>

const newestWords = {
  dealers: { en: 'dealers ever seen', 'zh-CN': '出现过的经销商数' },
  days: { en: 'days since the newest, over dealers', 'zh-CN': '各经销商距最近一次天数之和' },
} as const

const takeWords: Readonly<Record<EpisodeTake, LocalName>> = {
  begun: { en: 'begun', 'zh-CN': '开始数' },
  ended: { en: 'ended', 'zh-CN': '结束数' },
  lasted: { en: 'time taken in ms', 'zh-CN': '耗时毫秒' },
  due: { en: 'ended and had a due day', 'zh-CN': '结束且有到期日' },
  onTime: { en: 'ended by the due day', 'zh-CN': '按期结束' },
  open: { en: 'open at the end', 'zh-CN': '期末未结' },
  age: { en: 'age of the open ones in ms', 'zh-CN': '未结账龄毫秒' },
  late: { en: 'open past the due day', 'zh-CN': '逾期未结' },
  median: { en: 'median time in ms', 'zh-CN': '耗时中位数毫秒' },
  p90: { en: 'time of nine in ten in ms', 'zh-CN': '耗时九成位毫秒' },
}
