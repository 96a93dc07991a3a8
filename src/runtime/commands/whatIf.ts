import { z } from 'zod'
import { draftProblem, whatIfBody } from '../../api/routes/whatIf.ts'
import { conductRulesAggregate } from '../../domain/conduct/conductRules.ts'
import { minorToMicros } from '../../domain/kernel/currency.ts'
import { formatDecimal } from '../../domain/kernel/decimal.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { openRebateFacts } from '../../projections/models/rebates/rebateFacts.ts'
import { whatIf, type WhatIfAnswer } from '../../projections/models/rebates/whatIf.ts'
import { type Command, type CommandContext, UsageError } from '../commandLine.ts'
import { now, openLedger } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'
import { readJsonFile } from '../readJsonFile.ts'
import { openProjections } from '../projections.ts'

const factsWaitMs = 60_000
const shownDealers = 20

/** Exit code 0: worked out; 130: stopped. */
export const whatIfCommand: Command = {
  name: 'what-if',
  summary: 'What dealers would have earned under a draft of terms, order or members; writes nothing',
  usage: ['what-if DRAFT.json [PERIOD …]'],
  async run(context) {
    const { settings, operands, err } = context
    const [file, ...periodIds] = operands
    if (file === undefined) throw new UsageError('what-if wants the file of a draft; try what-if --help')
    const request = await readRequest(file, periodIds)
    const ledger = await openLedger({ settings, roles: [], warn: (message) => err.write(`${message}\n`) })
    try {
      const problem = draftProblem(request, await ledger.handler.load(conductRulesAggregate, settings.companyId))
      if (problem) throw new UsageError(`${file}: the terms contradict themselves: ${JSON.stringify(problem)}`)
      return await answer(context, ledger, request)
    } finally {
      await ledger.close()
    }
  },
}

type Request = z.infer<typeof whatIfBody>

/** The body of `POST /v1/what-if`; periods of the command line stand for those of the file. */
async function readRequest(file: string, periodIds: readonly string[]): Promise<Request> {
  const content = await readJsonFile(file)
  const named = periodIds.length > 0 && typeof content === 'object' ? { ...content, periodIds } : content
  const read = whatIfBody.safeParse(named)
  if (!read.success) throw new UsageError(`${file} is no draft:\n${z.prettifyError(read.error)}`)
  return read.data
}

async function answer(
  { settings, json, out, err, signal }: CommandContext,
  ledger: Awaited<ReturnType<typeof openLedger>>,
  { periodIds, ...draft }: Request,
): Promise<number> {
  const { store, handler } = ledger
  const projections = await openProjections(ledger, 2)
  const bar = json ? undefined : createProgressBar('what-if', err, now)
  try {
    const watermark = await store.head()
    const compared = await whatIf(
      { load: handler.load, facts: openRebateFacts(projections.readerOf(rebatesModel), factsWaitMs) },
      {
        draft,
        companyId: settings.companyId,
        periodIds,
        watermark,
        now: now(),
        signal,
        onProgress: (done, of) => bar?.update(done, of, 'periods of programmes'),
      },
    )
    bar?.end()
    if (json) out.write(`${JSON.stringify({ knownAt: watermark.toString(), ...compared }, null, 2)}\n`)
    else out.write(`${written(compared)}\non everything up to position ${watermark}; nothing was written\n`)
    return 0
  } catch (error) {
    if (signal.aborted) return 130
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error })
    throw error
  } finally {
    bar?.end()
    await projections.close()
  }
}

type Compared = WhatIfAnswer['totals'][number]

function written({ totals, programmes, dealers, changes }: WhatIfAnswer): string {
  const more = dealers.length - shownDealers
  return [
    ...section('in total', totals, () => ''),
    ...section('by programme', programmes, ({ programmeId }) => programmeId),
    ...section('by dealer', dealers.slice(0, shownDealers), ({ dealerId }) => dealerId),
    ...(more > 0 ? [`  and ${more} more; --json has them all`] : []),
    ...section(
      'largest changes',
      changes,
      ({ programmeId, dealerId, periodId }) => `${programmeId} ${dealerId} ${periodId}`,
    ),
  ].join('\n')
}

function section<T extends Compared>(title: string, all: readonly T[], nameOf: (one: T) => string): string[] {
  if (all.length === 0) return []
  const amount = (minor: string, currency: string): string => formatDecimal(minorToMicros(BigInt(minor), currency))
  return [
    `${title}:`,
    ...all.map((one) => {
      const { currency, now: before, then, difference } = one
      const [from, to, by] = [before, then, difference].map((minor) => amount(minor, currency))
      return `  ${[nameOf(one), currency].filter((part) => part !== '').join(' ')}: ${from} → ${to} (${by?.startsWith('-') ? '' : '+'}${by})`
    }),
  ]
}
