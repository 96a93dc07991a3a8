import type { DemonstrationPrincipal } from '../../api/ports.ts'
import { waitForPosition } from '../../projections/engine/waitForPosition.ts'
import { readModels } from '../../projections/registry.ts'
import { type Command, type CommandContext, UsageError } from '../commandLine.ts'
import { fillLedger } from '../demo/fillLedger.ts'
import { demoPrincipals } from '../demo/names.ts'
import { logFile } from '../logFile.ts'
import { createProgressBar } from '../progressBar.ts'
import { openService, type Service } from '../service.ts'
import { untilAborted } from '../untilAborted.ts'
import { version } from '../version.ts'

const principals: readonly DemonstrationPrincipal[] = demoPrincipals.map(
  ({ principalId, displayName, role, dealerId, rights }) => ({
    id: principalId,
    name: displayName,
    role,
    rights: rights ?? [],
    ...(dealerId !== undefined && { dealerId }),
  }),
)

export const startCommand: Command = {
  name: 'start',
  summary: 'Run the whole system in one process, with a demonstration channel on the first start',
  usage: ['start [--empty]'],
  options: { empty: { type: 'boolean', description: 'without the demonstration channel and its sign-ins' } },
  async run(context) {
    const { settings, options, signal, err } = context
    const withDemo = options['empty'] !== true
    if (withDemo && settings.mode === 'production') {
      throw new UsageError(
        'the demonstration does not run in production mode: use `start --empty`, or `serve` and `worker`',
      )
    }
    const shown = { done: 0, total: 1 }
    const log = logFile(settings.dataDirectory)
    const service = await openService({
      settings,
      roles: ['api', 'worker'],
      logTo: log,
      onProgress: ({ message }) => err.write(`${message}\n`),
      ...(withDemo && { demonstration: () => ({ ...shown, principals }) }),
    })
    try {
      err.write(`\nChannel ledger ${version} listens on ${service.url}\n`)
      if (withDemo) await fill(service, context, shown)
      if (!signal.aborted) {
        await service.startWorkers()
        welcome(service, context, withDemo, log.path)
      }
      await untilAborted(signal)
      err.write('\nstopping\n')
    } finally {
      await service.stop()
      log.close()
    }
    return 0
  },
}

/** Fills the demonstration, or what is missing of it, and waits until every read model shows it. */
async function fill(
  { ledger, projections }: Service,
  { err, signal }: CommandContext,
  shown: { done: number; total: number },
): Promise<void> {
  const bar = createProgressBar('Demonstration channel', err, () => performance.now())
  const filled = await fillLedger(ledger, {
    signal,
    onProgress: (done, total) => {
      Object.assign(shown, { done, total })
      bar.update(done, total)
    },
  })
  Object.assign(shown, { done: shown.total })
  if (!filled.complete) return
  const head = await ledger.store.head()
  const minute = 60_000
  for (const model of readModels) await waitForPosition(projections.readerOf(model), model.name, head, 5 * minute)
  bar.end(`The demonstration channel is complete: ${head} events.`)
}

function welcome({ url, metricsUrl }: Service, { out }: CommandContext, withDemo: boolean, logPath: string): void {
  out.write(`
  Start page   ${url}/
  Try the API  ${url}/docs
  Metrics      ${metricsUrl}
  Log          ${logPath}
`)
  if (!withDemo) return
  out.write(`
Sign in on the start page, or: curl -s -X POST ${url}/v1/demo/sign-in -H 'content-type: application/json' -d '{"principal":"dealer-wang"}'
${principals.map(({ id, role, dealerId, name }) => `  ${id.padEnd(14)} ${role}${dealerId === undefined ? '' : ` of ${dealerId}`}, ${name}`).join('\n')}

Three things to try
  1. What was owed, as it was known: ${url}/v1/settlements  (add ?asOf=2026-03-31)
  2. A dealer's orders with every price explained: ${url}/v1/orders
  3. Place an order as dealer-wang in ${url}/docs and watch it being fulfilled: ${url}/v1/stream

Ctrl-C stops it; the data stays.
`)
}
