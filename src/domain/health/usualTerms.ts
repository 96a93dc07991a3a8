import type { HealthTerms, ScalePoint, WeighedMetric } from './model.ts'

/** `'0:0 100:50'`: 0 points at 0, 50 at 100. */
function line(text: string): ScalePoint[] {
  return text.split(' ').map((pair) => {
    const [at = '', points = ''] = pair.split(':')
    return { at, points }
  })
}
const weigh = (metric: string, weight: string, scale: WeighedMetric['scale']): WeighedMetric => ({
  metric,
  weight,
  scale,
})

const sales = {
  CNY: line('0:0 50000:40 200000:70 1000000:100'),
  EUR: line('0:0 7000:40 28000:70 140000:100'),
  USD: line('0:0 7000:40 28000:70 140000:100'),
}
const growth = line('-0.5:0 0:50 0.3:100')
const attained = line('0.5:0 0.8:50 1:80 1.2:100')
const violations = line('0:100 0.05:60 0.25:0')
const priced = line('0.8:0 0.95:60 1:100')
const corrections = line('0:100 0.2:0')
const exclusive = line('0:0 50:50 100:100')
const newProducts = line('0:0 0.1:50 0.3:100')
const recent = line('7:100 30:60 90:0')
const digital = line('0:0 0.5:50 1:100')
/** hours: a day, three days, the fifteen days that stood for slow before */
const lag = line('24:100 72:70 360:0')
const confirmed = line('0:0 0.5:50 1:100')
const expected = line('-0.3:0 0:50 0.3:100')
const outlets = line('-0.2:0 0:50 0.2:100')
/** products bought: who knows more of the range can grow with it */
const range = line('0:0 5:50 20:100')

/**
 * The model that is used where a company has set none, and the one to start from: its five dimensions and their weights are the
 * customer's (domain.md §2.9); the weights within them, the lines, the matrix and its thresholds are ours.
 */
export const usualHealthTerms: HealthTerms = {
  dimensions: [
    {
      code: 'sales-contribution',
      name: { en: 'Sales contribution', 'zh-CN': '销售贡献度' },
      weight: '30',
      metrics: [
        weigh('net-sales', '40', sales),
        weigh('sales-growth', '30', growth),
        weigh('attainment', '30', attained),
      ],
    },
    {
      code: 'operating-discipline',
      name: { en: 'Operating discipline', 'zh-CN': '运营规范性' },
      weight: '25',
      metrics: [
        weigh('violation-points-per-order', '50', violations),
        weigh('price-compliance', '30', priced),
        weigh('corrections-per-order', '20', corrections),
      ],
    },
    {
      code: 'loyalty',
      name: { en: 'Loyalty', 'zh-CN': '合作忠诚度' },
      weight: '20',
      metrics: [
        weigh('exclusive-share', '40', exclusive),
        weigh('new-product-share', '30', newProducts),
        weigh('order-recency', '30', recent),
      ],
    },
    {
      code: 'digital-level',
      name: { en: 'Digital level', 'zh-CN': '数字化水平' },
      weight: '15',
      metrics: [
        weigh('digital-order-share', '35', digital),
        weigh('stock-report-lag', '35', lag),
        weigh('statement-confirmation-rate', '30', confirmed),
      ],
    },
    {
      code: 'potential',
      name: { en: 'Potential', 'zh-CN': '发展潜力' },
      weight: '10',
      metrics: [
        weigh('forecast-growth', '40', expected),
        weigh('outlet-growth', '30', outlets),
        weigh('range-per-dealer', '30', range),
      ],
    },
  ],
  matrix: {
    dimensions: [
      one('net-sales', 'Net sales', '净销售额', weigh('net-sales', '100', sales)),
      one('margin', 'Pocket margin', '到手贡献', weigh('pocket-share', '100', line('0.7:0 0.9:60 1:100'))),
      one('growth', 'Growth', '增长', weigh('sales-growth', '100', growth)),
      one('expense', 'Expense efficiency', '费效比', weigh('off-invoice-share', '100', line('0:100 0.1:60 0.3:0'))),
      one(
        'stock',
        'Stock health',
        '库存健康',
        weigh('days-of-stock', '60', line('7:60 30:100 90:50 180:0')),
        weigh('sell-through', '40', line('0:0 0.3:60 0.6:100')),
      ),
      one('payment', 'Payment', '回款', weigh('paid-late-share', '100', line('0:100 0.2:60 0.6:0'))),
      one('discipline', 'Discipline', '价格与区域规范', weigh('violation-points-per-order', '100', violations)),
      one('new-products', 'New products', '新品推广', weigh('new-product-share', '100', newProducts)),
      one('exclusivity', 'Exclusivity', '独家份额', weigh('exclusive-share', '100', exclusive)),
      one('coverage', 'Coverage', '网点覆盖', weigh('outlets', '100', line('0:0 5:60 20:100'))),
      one(
        'data',
        'Data and systems',
        '数据与系统',
        weigh('stock-report-lag', '50', lag),
        weigh('digital-order-share', '50', digital),
      ),
      one('forecast', 'Forecast', '预测潜力', weigh('forecast-growth', '100', expected)),
    ],
    leastDimensions: 6,
    strategicFrom: '70',
    growth: ['growth', 'new-products', 'coverage', 'forecast'],
    growingFrom: '50',
  },
  tiers: [],
}

function one(
  code: string,
  en: string,
  zh: string,
  ...metrics: WeighedMetric[]
): HealthTerms['matrix']['dimensions'][number] {
  return { code, name: { en, 'zh-CN': zh }, metrics }
}
