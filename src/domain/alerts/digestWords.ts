import type { PaperLanguage } from '../kernel/paper.ts'
import type { DigestPeriod } from './alertDigest.ts'
import type { Severity } from './severity.ts'

type Text = string

/** What the digest of alerts is made of, in one language. */
export interface DigestWords {
  readonly file: Text
  readonly title: Readonly<Record<DigestPeriod, Text>>
  readonly days: (from: Text, to: Text, zone: Text) => Text
  readonly labels: Readonly<
    Record<'company' | 'reader' | 'period' | 'raised' | 'ended' | 'acknowledged' | 'open', Text>
  >
  readonly headings: Readonly<Record<'counts' | 'raised' | 'before' | 'proof', Text>>
  readonly columns: Readonly<
    Record<'kind' | 'severity' | 'subject' | 'dealer' | 'code' | 'raisedAt' | 'state' | 'alert', Text>
  >
  readonly severity: Readonly<Record<Severity, Text>>
  readonly state: {
    readonly open: Text
    readonly ended: (at: Text) => Text
    readonly acknowledged: (by: Text, at: Text) => Text
  }
  readonly total: Text
  readonly nothing: Text
  readonly leftOff: (count: number) => Text
  readonly meaning: Text
  readonly rests: (position: Text) => Text
}

export const digestWords: Readonly<Record<PaperLanguage, DigestWords>> = {
  en: {
    file: 'alerts',
    title: { day: 'Alerts of the day', week: 'Alerts of the week' },
    days: (from, to, zone) => (from === to ? `${from} (${zone})` : `${from} to ${to} (${zone})`),
    labels: {
      company: 'Company',
      reader: 'For',
      period: 'Period',
      raised: 'Raised',
      ended: 'Ended',
      acknowledged: 'Acknowledged',
      open: 'Open at the end',
    },
    headings: {
      counts: 'At a glance',
      raised: 'Raised in the period',
      before: 'From before, and still open or acknowledged now',
      proof: 'What it rests on',
    },
    columns: {
      kind: 'Alert',
      severity: 'Severity',
      subject: 'About',
      dealer: 'Dealer',
      code: 'Code',
      raisedAt: 'Raised',
      state: 'At the end',
      alert: 'Alert id',
    },
    severity: { info: 'info', warning: 'warning', critical: 'critical' },
    state: {
      open: 'open',
      ended: (at) => `ended ${at}`,
      acknowledged: (by, at) => `acknowledged by ${by}, ${at}`,
    },
    total: 'Total',
    nothing: 'There was nothing to be told.',
    leftOff: (count) => `${count} more alerts do not stand here; the figures above count them.`,
    meaning:
      'Counted is what became known in the period; an alert that was raised anew about the same subject is another one. What happened later changes nothing here.',
    rests: (position) => `As known at ledger position ${position}`,
  },
  'zh-CN': {
    file: '提醒摘要',
    title: { day: '提醒日报', week: '提醒周报' },
    days: (from, to, zone) => (from === to ? `${from}（${zone}）` : `${from} 至 ${to}（${zone}）`),
    labels: {
      company: '公司',
      reader: '收件角色',
      period: '期间',
      raised: '新增',
      ended: '结束',
      acknowledged: '已确认',
      open: '期末未关闭',
    },
    headings: {
      counts: '概览',
      raised: '本期新增',
      before: '前期遗留（期末仍未关闭或本期确认）',
      proof: '依据',
    },
    columns: {
      kind: '提醒',
      severity: '级别',
      subject: '对象',
      dealer: '经销商',
      code: '代码',
      raisedAt: '产生时间',
      state: '期末状态',
      alert: '提醒编号',
    },
    severity: { info: '提示', warning: '警告', critical: '严重' },
    state: {
      open: '未关闭',
      ended: (at) => `${at} 结束`,
      acknowledged: (by, at) => `${by} 于 ${at} 确认`,
    },
    total: '合计',
    nothing: '本期无提醒。',
    leftOff: (count) => `另有 ${count} 条提醒未列出，概览数字已计入。`,
    meaning: '以本期内获知的事项为准；就同一对象再次产生的提醒为新的提醒。其后发生的事项不改变本摘要。',
    rests: (position) => `依据账本位置 ${position}`,
  },
}
