import { createHash } from 'node:crypto'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { SettlementEvent } from '../../../src/domain/rebates/events.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'
import { htmlText, withoutBlanks } from '../../support/htmlText.ts'
import { readPdf } from '../../support/readPdf.ts'

type Calculated = Extract<SettlementEvent, { type: 'SettlementCalculated' }>['data']

let api: GrownApi
let settlements: Calculated[]
let paid: Calculated

beforeAll(async () => {
  api = await openGrownApi()
  settlements = api.channel.log.flatMap(({ type, data }) =>
    type === 'SettlementCalculated' ? [data as Calculated] : [],
  )
  const found = settlements.find(({ due, calculation }) => BigInt(due) > 0n && calculation.facts > 1)
  if (!found) throw new Error('nothing was ever due')
  paid = found
}, 120_000)
afterAll(() => api.close())

const pathOf = ({ programmeId, dealerId, currency, periodId, settlementNo }: Calculated, query = ''): string =>
  `/v1/settlements/${programmeId}/${dealerId}/${currency}/${periodId}/${settlementNo}/statement${query}`
const get = (of: Calculated, query: string, as: 'finance' | 'd1' = 'finance'): ReturnType<GrownApi['send']> =>
  api.send(as, 'GET', pathOf(of, query))

describe('the statement of a settlement', () => {
  test('says in both languages who pays whom how much, and every line, with the fingerprint', async () => {
    for (const [language, title] of [
      ['en', 'Rebate settlement statement'],
      ['zh-CN', '返利结算单'],
    ] as const) {
      const answer = await get(paid, `?language=${language}`)
      expect([answer.statusCode, answer.headers['content-language']]).toEqual([200, language])
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
      const { body } = answer
      const minor = formatDecimal(BigInt(paid.due) * 10_000n)
      expect(body).toContain(`<h1>${title}</h1>`)
      expect(body.replaceAll(',', '')).toContain(`<dd>${paid.currency} ${minor}`)
      expect(body).toContain(paid.dealerId)
      expect(body).toContain(paid.explanationHash)
      expect(body.split('<tbody>')[1]?.split('</tbody>')[0]?.split('<tr>').length).toBeGreaterThan(
        paid.calculation.facts,
      )
      expect(body).not.toMatch(/CAUTION|请勿/)
    }
  })

  test('is the same on every kind of paper: the PDF shows what the HTML shows, in its order', async () => {
    const ofEach = new Map(settlements.map((one) => [`${one.programmeId}/${one.kind}/${one.due.startsWith('-')}`, one]))
    expect(ofEach.size).toBeGreaterThan(1)
    for (const one of ofEach.values())
      for (const language of ['en', 'zh-CN']) {
        const html = await get(one, `?language=${language}`)
        const pdf = await get(one, `?language=${language}&format=pdf`)
        expect([pdf.statusCode, pdf.headers['content-type']]).toEqual([200, 'application/pdf'])
        expect(withoutBlanks(readPdf(pdf.rawPayload).pages.join(''))).toBe(htmlText(html.body))
      }
  }, 120_000)

  test('adds up in a spreadsheet: the shares of the lines are what its tiers earned', async () => {
    for (const one of settlements) {
      const csv = (await get(one, '?format=csv')).body
      const [head = '', ...lines] = csv
        .replace(/^\uFEFF/, '')
        .trimEnd()
        .split('\r\n')
      const column = head.split(',').indexOf('Share')
      const sum = lines.reduce((so, line) => so + parseDecimal(line.split(',')[column] ?? ''), 0n)
      expect(sum).toBe(one.calculation.parts.reduce((so, { amount }) => so + parseDecimal(amount), 0n))
    }
    const xlsx = await get(paid, '?format=xlsx')
    expect(Object.keys(unzipSync(xlsx.rawPayload))).toContain('xl/worksheets/sheet2.xml')
  })

  test('has the hash of its bytes as ETag, a name for its file, and need not be sent twice', async () => {
    for (const format of ['html', 'pdf', 'xlsx', 'csv']) {
      const answer = await get(paid, `?format=${format}&language=zh-CN`)
      const tag = `"${createHash('sha256').update(answer.rawPayload).digest('hex')}"`
      expect(answer.headers.etag).toBe(tag)
      const disposition = answer.headers['content-disposition']
      expect(disposition).toMatch(/^(inline|attachment); filename="_{5}-[\w-]+\.\w+"; filename\*=UTF-8''%E8%BF%94/)
      expect(disposition).toMatch(new RegExp(`\\.${format}$`))
      const again = await get(paid, `?format=${format}&language=zh-CN`)
      expect(again.headers.etag).toBe(tag)
    }
    const { headers } = await get(paid, '?format=pdf')
    const none = await api.send('finance', 'GET', pathOf(paid, '?format=pdf'), {
      headers: { 'if-none-match': String(headers.etag) },
    })
    expect([none.statusCode, none.body]).toEqual([304, ''])
  })

  test('a dealer gets its own and no other; what is not there is not found; a format that is none is refused', async () => {
    const own = settlements.find(({ dealerId }) => dealerId === 'CN001')
    const foreign = settlements.find(({ dealerId }) => dealerId !== 'CN001')
    if (!own || !foreign) throw new Error('not settled')
    expect((await get(own, '?format=pdf', 'd1')).statusCode).toBe(200)
    expect((await get(foreign, '?format=pdf', 'd1')).statusCode).toBe(404)
    expect((await get({ ...own, settlementNo: 99 }, '')).statusCode).toBe(404)
    expect((await get(own, '?format=docx')).statusCode).toBe(400)
  })
})

test('a programme is a paper too, with the text of its document', async () => {
  const path = `/v1/programmes/${paid.programmeId}/document`
  for (const language of ['en', 'zh-CN']) {
    const { sections } = (await api.send('d1', 'GET', `${path}?language=${language}`)).json<{
      sections: { heading: string; lines: (string | string[])[] }[]
    }>()
    const html = await api.send('d1', 'GET', `${path}?language=${language}&format=html`)
    const pdf = await api.send('d1', 'GET', `${path}?language=${language}&format=pdf`)
    const text = withoutBlanks(sections.flatMap(({ heading, lines }) => [heading, ...lines.flat()]).join(''))
    expect(htmlText(html.body)).toContain(text)
    expect(withoutBlanks(readPdf(pdf.rawPayload).pages.join(''))).toBe(htmlText(html.body))
  }
})
