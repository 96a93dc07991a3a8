import type { LiveWords } from './live.ts'

/**
 * The script of `/live`: asks for the open alerts, follows the two streams from there, and begins anew where it cannot go on. A
 * stream is read by `fetch`, because `EventSource` sends no authorization.
 */
export function liveScript(words: LiveWords): string {
  return `'use strict'
const words = ${JSON.stringify(words)}
const by = (id) => document.getElementById(id)
const token = () => sessionStorage.getItem('channel-ledger.authorization')
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
const shownAtMost = 200
const alerts = new Map()
const make = (name, options, ...children) => { const element = Object.assign(document.createElement(name), options); element.append(...children); return element }
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
function state(text, isBad) { by('state').textContent = text; by('state').className = isBad ? 'bad' : 'good' }
// minor units with the digits of their currency, exactly: a receivable may be more than a number holds
function money(minor, currency) {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
  const text = minor.replace('-', '').padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits).replace(/\\B(?=(\\d{3})+$)/g, ',')
  return (minor.startsWith('-') ? '-' : '') + currency + ' ' + whole + (digits > 0 ? '.' + text.slice(-digits) : '')
}
function showFigures({ asOf, figures }) {
  for (const { figure, values, position } of figures) {
    const isMoney = figure.startsWith('receivable')
    const shown = values.map(({ of, value }) => isMoney ? money(value, of) : of === null ? value : (words.kinds[of] ?? of) + ' ' + value)
    const id = 'figure-' + figure
    const card = by(id) ?? by('figures').appendChild(make('div', { id }))
    card.title = '#' + position
    card.replaceChildren(make('dt', { textContent: words.figures[figure] ?? figure }), ...(shown.length > 0 ? shown : ['0']).map((text) => make('dd', { textContent: text, className: shown.length > 1 || isMoney ? 'small' : '' })))
  }
  by('asof').textContent = words.asOf + ' ' + new Date(asOf).toLocaleString(document.documentElement.lang)
}
const keyOf = ({ kind, subject }) => kind + '/' + subject
async function acknowledge(alert) {
  const answer = await fetch('/v1/alerts/' + alert.alertId + '/acknowledgement', { method: 'POST', headers: { authorization: token(), 'content-type': 'application/json', 'idempotency-key': 'live-' + alert.alertId + '-' + Date.now() }, body: '{}' })
  if (!answer.ok) state((await answer.json()).title, true)
}
function rowOf(alert) {
  const details = Object.entries(alert.details).filter(([name]) => name !== 'party' && name !== 'orderId').map(([name, value]) => name + ' ' + value).join(' · ')
  const head = make('div', { className: 'row' }, make('span', { className: 'badge ' + alert.severity, textContent: words.severities[alert.severity] }), make('b', { textContent: words.kinds[alert.kind] ?? alert.kind }), make('code', { textContent: alert.code }))
  const what = make('div', {}, [...new Set([alert.subject, alert.dealerId])].filter(Boolean).join(' · '))
  const when = make('div', { className: 'soft', textContent: words.raised + ' ' + new Date(alert.raisedAt).toLocaleString(document.documentElement.lang) + (details ? ' · ' + details : '') })
  const end = make('div', { className: 'row' })
  if (alert.handled) end.append(make('span', { className: 'soft', textContent: words.handled + ' · ' + alert.handled }))
  else { const button = make('button', { textContent: words.acknowledge }); button.addEventListener('click', () => void acknowledge(alert)); end.append(button) }
  return make('li', { className: 'alert ' + alert.severity }, head, what, when, end)
}
function showAlerts() {
  const rank = { critical: 0, warning: 1, info: 2 }
  const sorted = [...alerts.values()].sort((a, b) => Number(Boolean(a.handled)) - Number(Boolean(b.handled)) || rank[a.severity] - rank[b.severity] || Number(b.position) - Number(a.position))
  by('alerts').replaceChildren(...sorted.slice(0, shownAtMost).map(rowOf))
  by('count').textContent = sorted.length > shownAtMost ? shownAtMost + ' / ' + sorted.length : String(sorted.length)
  by('none').hidden = sorted.length > 0
}
function apply(news) {
  const key = keyOf(news)
  const known = alerts.get(key)
  if (news.change === 'closed') alerts.delete(key)
  else if (news.change === 'raised' || news.change === 'changed') alerts.set(key, { ...news, raisedAt: news.occurredAt.replace(/\\[.*/, '') })
  else if (known?.alertId === news.alertId) alerts.set(key, { ...known, handled: news.change === 'reopened' ? undefined : news.change === 'assigned' ? known.handled : news.by })
  showAlerts()
}
async function askAlerts(atLeast) {
  alerts.clear()
  let next, knownAt
  do {
    const answer = await fetch('/v1/alerts?open=true&limit=500' + (atLeast ? '&atLeast=' + atLeast : '') + (next ? '&cursor=' + encodeURIComponent(next) : ''), { headers: { authorization: token() } })
    if (!answer.ok) throw new Error((await answer.json()).title)
    const page = await answer.json()
    for (const { handling, ...alert } of page.items) alerts.set(keyOf(alert), { ...alert, handled: handling && handling.state !== 'reopened' ? handling.by : undefined })
    next = page.next
    knownAt ??= page.knownAt
  } while (next && alerts.size < 2000)
  showAlerts()
  return knownAt
}
async function follow(path, position, onMessage) {
  const answer = await fetch(path, { headers: { authorization: token(), ...(position && { 'last-event-id': position }) } })
  if (!answer.ok) throw new Error((await answer.json()).title)
  state(words.connected, false)
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const parts = (rest + value).split('\\n\\n')
    rest = parts.pop()
    for (const part of parts) {
      const fields = Object.fromEntries(part.split('\\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
      if (fields.event) await onMessage(fields.event, JSON.parse(fields.data))
    }
  }
}
async function again(run) {
  for (;;) {
    try { await run() } catch (error) { state(words.away + ' ' + (error instanceof TypeError ? '' : error.message), true) }
    await pause(2000)
  }
}
if (!token()) state(words.signInFirst, true)
else {
  void again(async () => {
    const position = await askAlerts()
    // who is told to begin anew has the stream from that position on: what is asked then is not older, and some is applied twice
    await follow('/v1/alerts/stream', position, async (event, data) => { if (event === 'resync') await askAlerts(data.position); else apply(data) })
  })
  void again(() => follow('/v1/figures/stream?zone=' + encodeURIComponent(zone), undefined, async (_event, data) => showFigures(data)))
}
`
}
