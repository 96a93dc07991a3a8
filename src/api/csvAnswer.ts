import type { FastifyReply } from 'fastify'
import { z } from 'zod'

/** How the reference describes a file of comma-separated values. */
export const csvAnswer = { description: 'CSV (RFC 4180), UTF-8', content: { 'text/csv': { schema: z.string() } } }

/** The text as a file. Names hold ids, which may be of any letters: others than ASCII are left out of the name. */
export function sendCsv(reply: FastifyReply, name: string, text: string): FastifyReply {
  const file = name.replaceAll(/[^A-Za-z0-9._-]+/g, '_')
  return reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${file}.csv"`)
    .send(text)
}
