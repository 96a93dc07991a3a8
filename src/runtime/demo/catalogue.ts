/** The demonstration's products: a maker of power tools and garden equipment. 8 families × 25 = 200 skus. */
export interface DemoProduct {
  readonly sku: string
  readonly en: string
  readonly zh: string
  readonly category: string
  readonly subcategory: string
  /** list price in CNY; other currencies follow from `currencyFactor` */
  readonly priceCny: number
  /** units sold a month over all dealers, in the middle of the year */
  readonly demand: number
  /** how strongly demand follows the season: 0 none, 1 doubles in summer */
  readonly season: number
  readonly lotTracked: boolean
}

interface Family {
  readonly code: string
  readonly category: string
  readonly subcategory: string
  readonly en: string
  readonly zh: string
  readonly from: number
  readonly step: number
  readonly demand: number
  readonly season: number
  readonly lotTracked?: true
}

const families: readonly Family[] = [
  {
    code: 'DR',
    category: 'power-tools',
    subcategory: 'drills',
    en: 'Cordless drill',
    zh: '充电式电钻',
    from: 299,
    step: 24,
    demand: 60,
    season: 0.1,
  },
  {
    code: 'GR',
    category: 'power-tools',
    subcategory: 'grinders',
    en: 'Angle grinder',
    zh: '角磨机',
    from: 189,
    step: 16,
    demand: 50,
    season: 0.1,
  },
  {
    code: 'SW',
    category: 'power-tools',
    subcategory: 'saws',
    en: 'Circular saw',
    zh: '电圆锯',
    from: 399,
    step: 28,
    demand: 35,
    season: 0.2,
  },
  {
    code: 'MW',
    category: 'garden',
    subcategory: 'mowers',
    en: 'Lawn mower',
    zh: '割草机',
    from: 899,
    step: 85,
    demand: 20,
    season: 1,
  },
  {
    code: 'TR',
    category: 'garden',
    subcategory: 'trimmers',
    en: 'Hedge trimmer',
    zh: '绿篱修剪机',
    from: 359,
    step: 30,
    demand: 25,
    season: 0.9,
  },
  {
    code: 'BT',
    category: 'accessories',
    subcategory: 'batteries',
    en: 'Battery pack',
    zh: '锂电池包',
    from: 129,
    step: 14,
    demand: 90,
    season: 0.2,
    lotTracked: true,
  },
  {
    code: 'BL',
    category: 'accessories',
    subcategory: 'blades',
    en: 'Saw blade',
    zh: '锯片',
    from: 29,
    step: 4,
    demand: 160,
    season: 0.1,
  },
  {
    code: 'LB',
    category: 'consumables',
    subcategory: 'lubricants',
    en: 'Chain oil',
    zh: '链条油',
    from: 25,
    step: 3,
    demand: 120,
    season: 0.4,
    lotTracked: true,
  },
]

const perFamily = 25

export const demoProducts: readonly DemoProduct[] = families.flatMap((family) =>
  Array.from({ length: perFamily }, (_, index): DemoProduct => {
    const model = 100 + index * 10
    return {
      sku: `${family.code}-${model}`,
      en: `${family.en} ${model}`,
      zh: `${family.zh} ${model}`,
      category: family.category,
      subcategory: family.subcategory,
      priceCny: family.from + index * family.step,
      demand: Math.max(2, Math.round(family.demand / (1 + index / 6))),
      season: family.season,
      lotTracked: family.lotTracked ?? false,
    }
  }),
)

/** List prices of a currency: CNY × factor, rounded to whole units of ten cents. */
export const currencyFactor: Readonly<Record<'CNY' | 'EUR' | 'USD', number>> = { CNY: 1, EUR: 0.16, USD: 0.17 }

/** A list price as a decimal string with two digits, exactly: hundredths are integers. */
export function listPrice(product: DemoProduct, currency: keyof typeof currencyFactor, percent = 100): string {
  const hundredths = Math.round(product.priceCny * currencyFactor[currency] * percent)
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`
}
