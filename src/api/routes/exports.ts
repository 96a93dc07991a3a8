import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Printer, rowLimits } from '../../documents/printer.ts'
import { tableParquet } from '../../documents/tableParquet.ts'
import { csvText } from '../../domain/kernel/csvText.ts'
import { analystViews, columnNames, type AnalystView } from '../../projections/analytics/analystViews.ts'
import type { ViewExport } from '../../projections/analytics/exportView.ts'
import { queries } from '../../projections/registry.ts'
import type { RouteAccess } from '../access.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { sendPaper } from '../sendPaper.ts'

const access: RouteAccess = { roles: ['admin', 'sales', 'finance', 'analyst', 'auditor'], keepsTerritories: true }
const views = analystViews(queries)

const params = z.strictObject({ view: z.string().min(1).max(64) })
const querystring = z.strictObject({ format: z.enum(['csv', 'parquet', 'xlsx']).default('csv') })
const types = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
const listed = z.object({
  items: z.array(z.object({ view: z.string(), summary: z.string(), columns: z.array(z.string()) })),
})

/** downloads at once in a process: each holds a connection while it lasts */
const atOnce = 3
/** milliseconds that a download may take */
const longest = 600_000
const retrySeconds = 10

/** `GET /v1/exports`: the views of analysts, whole, as files; for an analyst who is bound to territories the rows of their dealers. */
export function exportRoutes(app: FastifyInstance, { exportView }: ApiPorts, printer: Printer): void {
  const tags = ['analytics']
  let underWay = 0
  app.route({
    method: 'GET',
    url: '/v1/exports',
    config: { access },
    schema: {
      operationId: 'exports.list',
      summary: 'What can be downloaded whole: the views that analysts read by SQL',
      tags,
      response: { 200: listed },
    },
    handler: async () => ({
      items: views.map((view) => ({ view: view.name, summary: view.query.summary, columns: [...columnNames(view)] })),
    }),
  })
  app.route({
    method: 'GET',
    url: '/v1/exports/:view',
    exposeHeadRoute: false,
    // it has a bound of its own
    config: { access, isLive: true },
    schema: {
      operationId: 'exports.one',
      summary: 'All rows of a view as CSV, Parquet or XLSX, of one moment; whoever goes away cancels it',
      tags,
      params,
      querystring,
      response: {
        200: {
          description: 'The file; `x-known-at` is the ledger position that it rests on',
          content: Object.fromEntries(
            Object.values(types).map((type) => [type.split(';')[0] ?? type, { schema: z.string() }]),
          ),
        },
      },
    },
    handler: async (request, reply) => {
      const { view: name } = request.params as z.infer<typeof params> // checked by its schema
      const { format } = request.query as z.infer<typeof querystring> // checked by its schema
      const view = views.find((one) => one.name === name)
      if (!view) throw new Problem('object.not_found')
      if (underWay >= atOnce) throw new Problem('server.busy', {}, retrySeconds)
      underWay += 1
      const opening = exportView(view, request.principal.territories ?? null)
      let late: NodeJS.Timeout | undefined
      let isOver = false
      const end = (): void => {
        if (isOver) return
        isOver = true
        underWay -= 1
        clearTimeout(late)
        opening.then(({ close }) => close()).catch(() => undefined) // refused below
      }
      // answered, or the caller went away before
      reply.raw.once('finish', end)
      reply.raw.once('close', end)
      const opened = await opening
      reply.header('x-known-at', opened.position)
      if (format === 'xlsx') return sendWorkbook(request, reply, printer, view, opened)
      const bytes = Readable.from(format === 'csv' ? csvOf(opened) : parquetOf(opened), { objectMode: false })
      if (!isOver) late = setTimeout(() => bytes.destroy(new Error('the download took too long')), longest)
      return reply
        .type(types[format])
        .header('content-disposition', `attachment; filename="${name}.${format}"`)
        .send(bytes)
    },
  })
}

const isFigure = (type: string): boolean => ['integer', 'bigint', 'numeric'].includes(type)

async function* csvOf({ columns, rows }: ViewExport): AsyncGenerator<string> {
  yield csvText([columns.map(({ name }) => name)])
  for await (const some of rows())
    yield csvText(
      some.map((row) =>
        row.map((cell, n) =>
          cell === null ? undefined : isFigure(columns[n]?.type ?? '') ? { figure: cell } : readable(cell, columns[n]),
        ),
      ),
    )
}

function parquetOf({ columns, rows }: ViewExport): AsyncGenerator<Uint8Array> {
  return tableParquet(columns, rows())
}

async function sendWorkbook(
  request: FastifyRequest,
  reply: FastifyReply,
  printer: Printer,
  { name, query }: AnalystView,
  { columns, rows }: ViewExport,
): Promise<FastifyReply> {
  const taken: string[][] = []
  for await (const some of rows()) {
    taken.push(...some.map((row) => row.map((cell, n) => (cell === null ? '' : readable(cell, columns[n])))))
    // more than a workbook may have: the printer says so
    if (taken.length > rowLimits.xlsx) break
  }
  const table = {
    kind: 'table' as const,
    heading: name,
    columns: columns.map(({ name: title, type }) => ({ title, ...(isFigure(type) && { digits: 0 }) })),
    rows: taken,
  }
  const paper = { language: 'en' as const, name, title: name, subtitle: query.summary, parts: [table], footer: [] }
  return sendPaper(request, reply, printer, paper, 'xlsx')
}

/** Times as the API writes them, flags as words. */
function readable(cell: string, column: { readonly type: string } | undefined): string {
  if (column?.type === 'boolean') return cell === 't' ? 'true' : 'false'
  if (column?.type === 'timestamp with time zone') return new Date(cell).toISOString()
  return cell
}
