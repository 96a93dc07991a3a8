import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { once } from 'node:events'
import type { ImportSummary } from './importDirectory.ts'
import type { Finding } from './row.ts'

/** `report.csv` and `summary.json` in a directory. */
export interface ImportReport {
  readonly write: (finding: Finding) => void
  /** Resolves when both files are written. */
  close(summary: ImportSummary): Promise<void>
}

/** Replaces what an earlier import of the directory reported: the same rows are found again. */
export async function openReport(directory: string): Promise<ImportReport> {
  await mkdir(directory, { recursive: true })
  const stream = createWriteStream(join(directory, 'report.csv'))
  await once(stream, 'open')
  stream.write('file,line,code,consequence,values\n')
  return {
    write({ file, line, code, consequence, values }) {
      stream.write(`${[file, String(line), code, consequence, JSON.stringify(values)].map(field).join(',')}\n`)
    },
    async close(summary) {
      const finished = once(stream, 'finish')
      stream.end()
      await finished
      await writeFile(join(directory, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
    },
  }
}

/** A spreadsheet takes a text that begins with one of these for a formula. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
