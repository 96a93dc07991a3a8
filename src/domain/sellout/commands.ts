import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { code, identifier } from '../kernel/fields.ts'
import { covered, lines, pricedLine, reportKey, revision, shelfLine } from './events.ts'

interface ReportKey {
  readonly dealerId: string
  readonly source: string
  readonly documentType: string
  readonly number: string
}

/** Identifiers may hold a slash, so it is written as `~`, which they may not hold: two reports never share a stream. */
export function sellOutId({ dealerId, source, documentType, number }: ReportKey): string {
  return [dealerId, source, documentType, number].map((part) => part.replaceAll('/', '~')).join('/')
}

/** A report or its next revision, always whole. Nothing sold is a report without lines. */
export const reportSellOut = defineCommand(
  'ReportSellOut',
  z
    .strictObject({
      companyId: identifier,
      ...reportKey,
      revision: revision.default(0),
      ...covered,
      lines: lines(pricedLine),
      shelf: lines(shelfLine).default([]),
    })
    .refine(({ lines: all }) => new Set(all.map(({ lineNo }) => lineNo)).size === all.length, {
      message: 'a line number is taken once',
      path: ['lines'],
    }),
  sellOutId,
)
export const withdrawSellOut = defineCommand(
  'WithdrawSellOut',
  z.strictObject({ ...reportKey, reason: code }),
  sellOutId,
)

export const sellOutCommands = [reportSellOut, withdrawSellOut] as const
export type SellOutCommand = CommandOf<(typeof sellOutCommands)[number]>
