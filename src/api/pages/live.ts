import { alertKinds } from '../../domain/alerts/alertKinds.ts'
import type { Severity } from '../../domain/alerts/severity.ts'
import type { Language } from '../problem.ts'

/** Everything that the page says, also what its script shows. */
export interface LiveWords {
  readonly title: string
  readonly home: string
  readonly signInFirst: string
  readonly connected: string
  readonly away: string
  readonly figuresHeading: string
  readonly alertsHeading: string
  readonly none: string
  readonly acknowledge: string
  readonly handled: string
  readonly raised: string
  readonly figures: Readonly<Record<string, string>>
  readonly kinds: Readonly<Record<string, string>>
  readonly severities: Readonly<Record<Severity, string>>
  readonly asOf: string
}

export const liveWords: Readonly<Record<Language, LiveWords>> = {
  en: {
    title: 'Live',
    home: 'Start page',
    signInFirst: 'Sign in on the start page first.',
    connected: 'Live',
    away: 'The connection is interrupted; it is tried again.',
    figuresHeading: 'At a glance',
    alertsHeading: 'Open alerts',
    none: 'Nothing to look at.',
    acknowledge: 'Acknowledge',
    handled: 'acknowledged',
    raised: 'raised',
    figures: {
      orders_today: 'Orders today',
      open_orders: 'Orders to ship',
      shipped_today: 'Shipments today',
      receivable_open: 'Receivable',
      receivable_overdue: 'Overdue',
      low_stock: 'Stocks low',
      open_alerts: 'Alerts',
      projection_lag: 'Seconds behind',
    },
    kinds: Object.fromEntries(Object.entries(alertKinds).map(([kind, { en }]) => [kind, en])),
    severities: { info: 'info', warning: 'warning', critical: 'critical' },
    asOf: 'as of',
  },
  'zh-CN': {
    title: '实时看板',
    home: '首页',
    signInFirst: '请先在首页登录。',
    connected: '实时连接中',
    away: '连接中断，正在重试。',
    figuresHeading: '概览',
    alertsHeading: '未关闭的提醒',
    none: '暂无提醒。',
    acknowledge: '确认',
    handled: '已确认',
    raised: '产生于',
    figures: {
      orders_today: '今日订单',
      open_orders: '待发货订单',
      shipped_today: '今日发货',
      receivable_open: '应收余额',
      receivable_overdue: '逾期应收',
      low_stock: '低库存',
      open_alerts: '提醒',
      projection_lag: '读模型落后秒数',
    },
    kinds: Object.fromEntries(Object.entries(alertKinds).map(([kind, { zh }]) => [kind, zh])),
    severities: { info: '提示', warning: '警告', critical: '严重' },
    asOf: '截至',
  },
}

/** `/live`: a dashboard's figures and the open alerts as they come, of whoever is signed in. */
export function liveBody(language: Language): string {
  const w = liveWords[language]
  return `<main><p><a href="/?lang=${language}">${w.home}</a> · <span id="state" class="soft" role="status"></span></p>
<section><h2>${w.figuresHeading}</h2><dl id="figures" class="figures"></dl><p id="asof" class="soft"></p></section>
<section><h2>${w.alertsHeading} <span id="count" class="soft"></span></h2><p id="none" class="soft" hidden>${w.none}</p><ul id="alerts" class="plain" aria-live="polite"></ul></section></main>`
}
