import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { paperPolicy } from '../documents/paperHtml.ts'
import { PaperTooLong, PrinterBusy, rowLimits, type Printer } from '../documents/printer.ts'
import type { PaperFormat } from '../documents/renderPaper.ts'
import type { Paper } from '../domain/kernel/paper.ts'
import { Problem } from './problem.ts'

const types: Readonly<Record<PaperFormat, string>> = {
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
}
const retrySeconds = 5

/** The answer of a route that gives papers, for its description. */
export function paperAnswer(...formats: readonly PaperFormat[]): {
  description: string
  content: Record<string, { schema: z.ZodType }>
} {
  const content = formats.map((format) => [mediaType(format), { schema: z.string() }] as const)
  return { description: 'The document; ETag is the SHA-256 of its bytes', content: Object.fromEntries(content) }
}

/** Prints a paper and sends it, to be shown or, of a spreadsheet, to be kept. */
export async function sendPaper(
  request: FastifyRequest,
  reply: FastifyReply,
  printer: Printer,
  paper: Paper,
  format: PaperFormat,
): Promise<FastifyReply> {
  const bytes = await printed(printer, paper, format)
  const tag = `"${createHash('sha256').update(bytes).digest('hex')}"`
  reply.header('etag', tag).header('content-language', paper.language)
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  if (format === 'html') reply.header('content-security-policy', paperPolicy)
  return reply
    .type(types[format])
    .header('content-disposition', dispositionOf(paper.name, format))
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

async function printed(printer: Printer, paper: Paper, format: PaperFormat): Promise<Uint8Array> {
  try {
    return await printer.print(paper, format)
  } catch (error) {
    if (error instanceof PaperTooLong) {
      const { rows, limit } = error
      const others = Object.entries(rowLimits).flatMap(([name, most]) => (most >= rows ? [name] : []))
      throw new Problem('documents.too_long', { rows, limit, formats: others })
    }
    if (error instanceof PrinterBusy) throw new Problem('server.busy', {}, retrySeconds)
    throw error
  }
}

/** RFC 6266: the name in UTF-8, and for those that do not read it without what is not ASCII. */
function dispositionOf(name: string, format: PaperFormat): string {
  // what file systems do not take
  const file = `${name.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}/\\:*?"<>|]/gu, '-')}.${format}`
  const plain = file.replaceAll(/[^\u0020-\u007E]|[%;]/g, '_')
  const encoded = encodeURIComponent(file).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const how = format === 'html' || format === 'pdf' ? 'inline' : 'attachment'
  return `${how}; filename="${plain}"; filename*=UTF-8''${encoded}`
}

function mediaType(format: PaperFormat): string {
  return types[format].split(';')[0] ?? ''
}
