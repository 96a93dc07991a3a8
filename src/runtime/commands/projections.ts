import { startRebuild } from '../../projections/engine/generations.ts'
import { listParked, retryParked, skipParked } from '../../projections/engine/parking.ts'
import type { ReadModel } from '../../projections/engine/factTable.ts'
import { readModels } from '../../projections/registry.ts'
import { type Command, type CommandContext, UsageError } from '../commandLine.ts'
import { openLedger } from '../ledger.ts'
import { openProjections, upcastWith } from '../projections.ts'

export const projectionsCommand: Command = {
  name: 'projections',
  summary: 'Look after the read models: lag, rebuilds beside the serving tables, parked streams',
  usage: [
    'projections status [--json]',
    'projections rebuild MODEL|all      fill anew beside the serving tables, compare, switch',
    'projections parked [--json]',
    'projections retry MODEL STREAM     apply the parked events of a stream again',
    'projections skip MODEL POSITION    give up one parked event; the skip is recorded',
  ],
  async run(context) {
    const { settings, operands, err } = context
    const [action = 'status'] = operands
    const ledger = await openLedger({ settings, roles: [], warn: (message) => err.write(`${message}\n`) })
    try {
      const projections = await openProjections(ledger, 2)
      try {
        return await act(action, context, { ledger, projections })
      } finally {
        await projections.close()
      }
    } finally {
      await ledger.close()
    }
  },
}

interface Opened {
  readonly ledger: Awaited<ReturnType<typeof openLedger>>
  readonly projections: Awaited<ReturnType<typeof openProjections>>
}

async function act(
  action: string,
  { operands, json, out }: CommandContext,
  { ledger, projections }: Opened,
): Promise<number> {
  const { pool } = projections
  const [, name = '', which = ''] = operands
  const print = (rows: readonly object[], line: (row: never) => string): number => {
    out.write(
      json
        ? `${JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
        : rows.map((row) => `${line(row as never)}\n`).join(''),
    ) // rows of this very call
    return 0
  }
  switch (action) {
    case 'status':
      return print(await projections.status(), (row: Awaited<ReturnType<typeof projections.status>>[number]) =>
        [
          row.model.padEnd(16),
          `v${row.version}`,
          row.state.padEnd(8),
          `at ${row.position}`,
          row.eventsBehind === undefined ? '' : `${row.eventsBehind} events behind`,
          `${row.secondsBehind.toFixed(1)} s behind`,
          `${row.secondsSinceProgress.toFixed(0)} s since progress`,
          row.parkedEvents > 0 ? `${row.parkedEvents} parked` : '',
          row.waitingFor === undefined ? '' : `waits for ${row.waitingFor}`,
        ]
          .filter((part) => part !== '')
          .join('  '),
      )
    case 'rebuild':
      for (const model of name === 'all' ? readModels : [modelOf(name)])
        out.write(`${model.name}: generation ${await startRebuild(pool, model)} is filling\n`)
      return 0
    case 'parked':
      return print(
        await listParked(pool, 1000),
        (row: Awaited<ReturnType<typeof listParked>>[number]) =>
          `${row.model}  ${row.stream}  ${row.position}  ${row.eventType}  ${row.error}`,
      )
    case 'retry':
      out.write(
        `${await retryParked({ pool, store: ledger.store, model: modelOf(name), stream: which, upcast: upcastWith(ledger.registry) })} events applied\n`,
      )
      return 0
    case 'skip': {
      if (!/^\d{1,19}$/.test(which)) throw new UsageError('which event? projections skip MODEL POSITION')
      const skipped = await skipParked(pool, modelOf(name).name, BigInt(which), 'command-line')
      out.write(skipped ? 'skipped\n' : 'no such parked event\n')
      return skipped ? 0 : 1
    }
    default:
      throw new UsageError(`projections cannot ${action}; try projections --help`)
  }
}

function modelOf(name: string): ReadModel {
  const model = readModels.find((candidate) => candidate.name === name)
  if (!model)
    throw new UsageError(
      `there is no read model ${name}; there are ${readModels.map((known) => known.name).join(', ')}`,
    )
  return model
}
