import { UsageError, type Command, type CommandContext } from '../commandLine.ts'
import { BackupRefused } from '../backup/backupRefused.ts'
import type { Until } from '../backup/cutAt.ts'
import { restoreLedger, type RestoreSummary } from '../backup/restoreLedger.ts'
import { verifyBackup } from '../backup/verifyBackup.ts'
import { now } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'

/** Exit code 0: restored and compared, or a backup that is whole; 130: stopped, run it again. */
export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Restore a backup into an empty database, check it and fill the read models; or check a backup alone',
  usage: [
    'restore --from DIR --keys DIR [--until POSITION|TIME]',
    'restore --from DIR --without-keys [--until POSITION|TIME]',
    'restore --from DIR [--keys DIR] --verify',
  ],
  options: {
    from: { type: 'string', value: 'DIR', description: 'the backup' },
    keys: { type: 'string', value: 'DIR', description: 'the keys of personal data that were saved with it' },
    'without-keys': {
      type: 'boolean',
      description: 'the keys are gone: what is personal stays unreadable, as if erased',
    },
    until: {
      type: 'string',
      value: 'WHEN',
      description: 'only what was recorded up to a position, or a time such as 2026-04-01T12:00:00Z',
    },
    verify: { type: 'boolean', description: 'read the backup from end to end and restore nothing' },
  },
  async run(context) {
    const { options, operands, json, out, err } = context
    const { from, verify } = options
    if (operands.length > 0 || typeof from !== 'string')
      throw new UsageError('restore wants --from DIR; try restore --help')
    const bar = json ? undefined : createProgressBar('restore', err, now)
    try {
      const result = verify ? await check(context, from, bar) : await restore(context, from, bar)
      bar?.end()
      out.write(json ? `${JSON.stringify(result.answer, null, 2)}\n` : result.text)
      return result.exitCode
    } catch (error) {
      bar?.end()
      if (error instanceof BackupRefused) throw new UsageError(error.message, { cause: error })
      throw error
    }
  },
}

type Bar = ReturnType<typeof createProgressBar> | undefined
interface Result {
  readonly answer: object
  readonly text: string
  readonly exitCode: number
}

async function check({ options, signal }: CommandContext, directory: string, bar: Bar): Promise<Result> {
  const verified = await verifyBackup(directory, {
    keysDirectory: textOption(options['keys']),
    signal,
    onProgress: (done, total) => bar?.update(done, total, 'files'),
  })
  const { events, files, position, takenAt } = verified
  const text = `The backup is whole: ${events} events in ${files} files, up to position ${position}, ${takenAt ? `taken at ${takenAt}` : 'never finished'}.\n`
  return { answer: verified, text, exitCode: 0 }
}

async function restore(
  { settings, options, signal, err }: CommandContext,
  directory: string,
  bar: Bar,
): Promise<Result> {
  const keys = textOption(options['keys'])
  if ((keys === undefined) !== (options['without-keys'] === true))
    throw new UsageError('restore wants --keys DIR, or --without-keys when the keys are gone')
  const summary = await restoreLedger({
    settings,
    directory,
    keys: keys === undefined ? 'none' : { directory: keys },
    until: untilOf(textOption(options['until'])),
    signal,
    warn: (message, details) => void err.write(`${message} ${JSON.stringify(details)}\n`),
    onProgress: (step, done, total) => bar?.update(done, total, step),
  })
  return { answer: summary, text: textOf(summary), exitCode: summary.complete ? 0 : 130 }
}

function textOption(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A position is digits, a time is RFC 3339 with its offset. */
function untilOf(text: string | undefined): Until {
  if (text === undefined) return undefined
  if (/^\d{1,20}$/.test(text)) return { position: BigInt(text) }
  const instant = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(instant)) throw new UsageError('--until is a position, or a time such as 2026-04-01T12:00:00Z')
  return { instant }
}

function textOf(summary: RestoreSummary): string {
  const { complete, events, position, recordedAt, readablePersons, erasedPersons, modelsEqual, modelsNotCompared } =
    summary
  if (!complete) return `Stopped after ${events} events. The same command goes on from here.\n`
  return [
    `Restored ${events} events up to position ${position}, recorded at ${recordedAt}; each was read back and is what was saved.`,
    `Read models equal to the saved ones: ${modelsEqual.length === 0 ? 'none' : modelsEqual.join(', ')}.`,
    ...(modelsNotCompared.length > 0 ? [`Filled, with nothing to compare: ${modelsNotCompared.join(', ')}.`] : []),
    erasedPersons > 0
      ? `What was sealed for ${erasedPersons} persons is unreadable.`
      : `What was sealed for ${readablePersons} persons can be read, with the master key of that time.`,
    '',
  ].join('\n')
}
