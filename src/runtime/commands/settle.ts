import { businessTime } from '../../domain/kernel/businessTime.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { openRebateFacts } from '../../projections/models/rebates/rebateFacts.ts'
import { settleProgramme, type SettlementRunKind } from '../../workers/rebates/settleProgramme.ts'
import { type Command, type CommandContext, UsageError } from '../commandLine.ts'
import { now, openLedger } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'
import { openProjections } from '../projections.ts'
import { openProgress } from '../workers.ts'

const kinds: readonly SettlementRunKind[] = ['accrual', 'interim', 'final', 'adjustment']
const factsWaitMs = 60_000

/** Exit code 0: settled, or nothing to do; 1: a dealer-period was refused; 130: stopped, run it again. */
export const settleCommand: Command = {
  name: 'settle',
  summary: 'Run accruals or a settlement of one programme and period; safe to repeat, beside running workers too',
  usage: ['settle PROGRAMME PERIOD [--kind accrual|interim|final|adjustment]'],
  options: {
    kind: {
      type: 'string',
      value: 'KIND',
      description: 'interim unless said otherwise; final needs the closed period',
    },
  },
  async run(context) {
    const { settings, operands, options, err } = context
    const [programmeId, periodId, ...rest] = operands
    const kind = kinds.find((known) => known === (options['kind'] ?? 'interim'))
    if (programmeId === undefined || periodId === undefined || rest.length > 0 || kind === undefined) {
      throw new UsageError('settle wants a programme, a period and a kind; try settle --help')
    }
    const ledger = await openLedger({ settings, roles: [], warn: (message) => err.write(`${message}\n`) })
    try {
      return await settle(context, ledger, { programmeId, periodId, kind })
    } finally {
      await ledger.close()
    }
  },
}

async function settle(
  { json, out, err, signal }: CommandContext,
  ledger: Awaited<ReturnType<typeof openLedger>>,
  run: { readonly programmeId: string; readonly periodId: string; readonly kind: SettlementRunKind },
): Promise<number> {
  const { store, handler } = ledger
  const projections = await openProjections(ledger, 2)
  const { pool, progress } = await openProgress(ledger)
  const bar = json ? undefined : createProgressBar('settle', err, now)
  try {
    const facts = openRebateFacts(projections.readerOf(rebatesModel), factsWaitMs)
    const settled = await settleProgramme(
      { store, handler, facts, progress },
      {
        ...run,
        at: businessTime(now(), 'UTC'),
        signal,
        onProgress: (done, of) => bar?.update(done, of, 'dealer-periods'),
      },
    )
    bar?.end()
    if (settled === undefined) throw new UsageError(`${run.programmeId} has no terms for ${run.periodId}`)
    const { dealerPeriods, changed, due, refused, watermark } = settled
    if (json)
      out.write(
        `${JSON.stringify({ dealerPeriods, changed, due, refused, watermark: watermark.toString() }, null, 2)}\n`,
      )
    else {
      out.write(
        `${dealerPeriods} dealer-periods looked at, ${changed} changed, on everything up to position ${watermark}\n`,
      )
      for (const [currency, minor] of Object.entries(due)) out.write(`  ${currency} ${minor} (minor units)\n`)
      for (const { dealerId, currency, code } of refused) out.write(`  refused: ${dealerId} ${currency}: ${code}\n`)
    }
    return signal.aborted ? 130 : refused.length > 0 ? 1 : 0
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error })
    throw error
  } finally {
    bar?.end()
    await pool.end()
    await projections.close()
  }
}
