import { importCommand } from '../src/runtime/commands/import.ts'
import { readSettings } from '../src/runtime/settings.ts'

/** What the benchmark hears of an import: a process of its own that ran the command. */
export interface Imported {
  readonly code: number
  /** of the command, the opening of the ledger included */
  readonly seconds: number
  /** from the start of the process, its modules included */
  readonly processSeconds: number
  readonly maxResidentMegabytes: number
}

const [report = '', ...operands] = process.argv.slice(2)
const start = performance.now()
const code = await importCommand.run({
  settings: readSettings(process.env),
  options: { report },
  operands,
  json: true,
  out: process.stdout,
  err: process.stderr,
  signal: new AbortController().signal,
})
const imported: Imported = {
  code,
  seconds: (performance.now() - start) / 1000,
  processSeconds: performance.now() / 1000,
  // in kilobytes of 1,024 bytes
  maxResidentMegabytes: Math.round((process.resourceUsage().maxRSS * 1024) / 1_000_000),
}
process.send?.(imported, () => process.exit())
