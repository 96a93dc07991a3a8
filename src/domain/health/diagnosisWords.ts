import type { PaperLanguage } from '../kernel/paper.ts'
import type { DealerClass } from './model.ts'

interface DiagnosisWords {
  readonly title: string
  readonly index: string
  readonly notRated: string
  readonly unknown: string
  readonly known: string
  readonly confidence: string
  readonly model: string
  readonly dealerClass: string
  readonly classes: Readonly<Record<DealerClass | 'none', string>>
  readonly peers: string
  readonly nothing: string
  readonly gates: string
  readonly rests: (position: string, version: number) => string
  readonly headings: Readonly<
    Record<'dimensions' | 'trend' | 'matrix' | 'causes' | 'stock' | 'cases' | 'rebates' | 'advice', string>
  >
  readonly columns: Readonly<
    Record<
      | 'dimension'
      | 'metric'
      | 'before'
      | 'now'
      | 'effect'
      | 'events'
      | 'product'
      | 'onHand'
      | 'sold'
      | 'days'
      | 'safety'
      | 'flag'
      | 'case'
      | 'status'
      | 'what'
      | 'programme'
      | 'period'
      | 'volume'
      | 'earned'
      | 'currency',
      string
    >
  >
  readonly flags: Readonly<Record<'dead' | 'below' | 'apart', string>>
}

export const diagnosisWords: Readonly<Record<PaperLanguage, DiagnosisWords>> = {
  en: {
    title: 'Monthly diagnosis',
    index: 'Channel health index',
    notRated: 'not rated',
    unknown: 'no data',
    known: 'known',
    confidence: 'Known of what is weighed',
    model: 'Version of the model',
    dealerClass: 'Class',
    classes: { strategic: 'Strategic partner', growing: 'Growing', potential: 'Potential', none: 'not classed' },
    peers: 'median of at least five dealers of the same tier',
    nothing: 'Nothing to advise.',
    gates: 'Worked out by the rules of the programme, as if its other conditions were met.',
    rests: (position, version) =>
      `Rests on the ledger up to position ${position} and on version ${version} of the health model.`,
    headings: {
      dimensions: 'Dimensions of the index',
      trend: 'Index by month',
      matrix: 'Value matrix',
      causes: 'What changed the index since the month before',
      stock: 'Stock',
      cases: 'Cases of price and territory',
      rebates: 'Rebates',
      advice: 'Advice',
    },
    columns: {
      dimension: 'Dimension',
      metric: 'Metric',
      before: 'Before',
      now: 'Now',
      effect: 'Effect',
      events: 'Events',
      product: 'Product',
      onHand: 'On hand',
      sold: 'Sold on',
      days: 'Days of cover',
      safety: 'Safety stock',
      flag: 'Note',
      case: 'Case',
      status: 'Status',
      what: 'What',
      programme: 'Programme',
      period: 'Period',
      volume: 'Volume',
      earned: 'Earned',
      currency: 'Currency',
    },
    flags: { dead: 'nothing sold', below: 'below safety stock', apart: 'resale price: counts in no score' },
  },
  'zh-CN': {
    title: '月度经营诊断',
    index: '渠道健康指数',
    notRated: '未评级',
    unknown: '无数据',
    known: '数据完整度',
    confidence: '数据完整度',
    model: '模型版本',
    dealerClass: '类别',
    classes: { strategic: '战略伙伴', growing: '成长型', potential: '潜力型', none: '未分类' },
    peers: '同等级至少五家经销商的中位数',
    nothing: '暂无建议。',
    gates: '按方案规则试算，假定其他条件均已满足。',
    rests: (position, version) => `依据账本位置 ${position} 之前的记录与健康模型第 ${version} 版。`,
    headings: {
      dimensions: '指数维度',
      trend: '月度指数',
      matrix: '价值矩阵',
      causes: '较上月变化原因',
      stock: '库存',
      cases: '价格与区域案件',
      rebates: '返利',
      advice: '建议',
    },
    columns: {
      dimension: '维度',
      metric: '指标',
      before: '上月',
      now: '本月',
      effect: '影响',
      events: '事件',
      product: '产品',
      onHand: '在库',
      sold: '动销',
      days: '可销天数',
      safety: '安全库存',
      flag: '备注',
      case: '案件',
      status: '状态',
      what: '内容',
      programme: '方案',
      period: '期间',
      volume: '销量额',
      earned: '已得',
      currency: '币种',
    },
    flags: { dead: '无动销', below: '低于安全库存', apart: '转售价格：不计入任何评分' },
  },
}
