import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { currency, identifier } from '../domain/kernel/fields.ts'
import { Problem } from './problem.ts'

/** What a settlement is called by in an address. */
export const settlementParams = z.strictObject({
  programmeId: identifier,
  dealerId: identifier,
  currency,
  periodId: identifier,
  settlementNo: z.coerce.number().int().min(1).max(100_000),
})

/** The settlement that the address names; for a dealer's staff another dealer's does not exist. */
export function ownSettlement({
  principal: { role, dealerId },
  params,
}: Pick<FastifyRequest, 'principal' | 'params'>): z.infer<typeof settlementParams> {
  const key = params as z.infer<typeof settlementParams> // checked by its schema
  if (role === 'dealer' && dealerId !== key.dealerId) throw new Problem('object.not_found')
  return key
}
