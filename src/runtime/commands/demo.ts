import { UsageError, type Command } from '../commandLine.ts'
import { DemoConflict } from '../demo/copyEvents.ts'
import { demoScales, type DemoScale } from '../demo/demo.ts'
import { fillLedger } from '../demo/fillLedger.ts'
import { demoStart, demoUntil } from '../demo/simulate.ts'
import { now, openLedger } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'

/** Exit code 0: complete; 130: stopped, run it again. */
export const demoCommand: Command = {
  name: 'demo',
  summary: 'Fill an empty ledger with the demonstration channel; stopped half-way, it goes on where it was',
  usage: ['demo [--scale normal|large] [--until DATE] [--seed N]'],
  options: {
    scale: {
      type: 'string',
      value: 'SCALE',
      description: 'normal: about 43,000 events; large: about ten times as many',
    },
    until: { type: 'string', value: 'DATE', description: `the last day, from ${demoStart} on (${demoUntil})` },
    seed: { type: 'string', value: 'N', description: 'another channel of the same kind (1)' },
  },
  async run({ settings, options, operands, json, out, err, signal }) {
    if (operands.length > 0) throw new UsageError('demo takes options only; try demo --help')
    if (settings.mode === 'production') throw new UsageError('the demonstration does not run in production mode')
    const { scale = 'normal', until = demoUntil, seed = '1' } = options
    if (!isScale(scale)) throw new UsageError('--scale is normal or large')
    if (typeof until !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(until) || until < demoStart)
      throw new UsageError(`--until is a day YYYY-MM-DD from ${demoStart} on`)
    if (typeof seed !== 'string' || !/^\d{1,9}$/.test(seed)) throw new UsageError('--seed is a whole number')

    const bar = json ? undefined : createProgressBar('Demonstration channel', err, now)
    const ledger = await openLedger({
      settings,
      roles: [],
      warn: (message, details) => err.write(`${message} ${JSON.stringify(details)}\n`),
    })
    try {
      const { written, complete } = await fillLedger(ledger, {
        scale,
        until,
        seed: Number.parseInt(seed, 10),
        signal,
        onProgress: (done, total) => bar?.update(done, total, 'days'),
      })
      bar?.end()
      const events = (await ledger.store.head()).toString()
      if (json) out.write(`${JSON.stringify({ complete, written, head: events })}\n`)
      else if (complete) out.write(`The demonstration channel is complete: ${written} events written now.\n`)
      else out.write(`Stopped after ${written} events. The same command goes on from here.\n`)
      return complete ? 0 : 130
    } catch (error) {
      bar?.end()
      if (error instanceof DemoConflict || error instanceof RangeError)
        throw new UsageError(error.message, { cause: error })
      throw error
    } finally {
      await ledger.close()
    }
  },
}

function isScale(scale: unknown): scale is DemoScale {
  return typeof scale === 'string' && Object.hasOwn(demoScales, scale)
}
