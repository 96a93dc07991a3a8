import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { defaultPriceRules } from '../../domain/detection/defaultRules.ts'
import { priceRules, priceRulesProblem, type PriceRules } from '../../domain/violations/pricePolicy.ts'
import { csvText } from '../../domain/kernel/csvText.ts'
import { type Command, UsageError } from '../commandLine.ts'
import { detectDirectory, type DirectoryFinding } from '../detect/detectDirectory.ts'
import { ImportError } from '../import/openDirectory.ts'
import { now } from '../ledger.ts'
import { readJsonFile } from '../readJsonFile.ts'
import { createProgressBar } from '../progressBar.ts'

/** Exit code 0: judged; 1: rows were rejected, so that findings may be missing; 130: stopped. */
export const detectCommand: Command = {
  name: 'detect',
  summary: 'Find price violations and abnormal trade in CSV files alone; touches no ledger',
  usage: ['detect --in DIR --out FILE [--policy FILE]'],
  options: {
    in: { type: 'string', value: 'DIR', description: 'a channel in the neutral format (docs/import.md)' },
    out: { type: 'string', value: 'FILE', description: 'findings, one JSON object a line; CSV where it ends in .csv' },
    policy: {
      type: 'string',
      value: 'FILE',
      description: 'terms of a price policy as JSON, parts of the default ones too',
    },
    system: { type: 'string', value: 'NAME', description: 'where the documents come from, unless import.json says so' },
    company: { type: 'string', value: 'ID', description: 'the legal entity, unless import.json says so' },
    zone: { type: 'string', value: 'ZONE', description: 'of dates without a time, unless import.json says so' },
  },
  async run({ options, operands, json, out, err, signal }) {
    const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined)
    const [dir, file] = [text('in'), text('out')]
    if (dir === undefined || file === undefined || operands.length > 0)
      throw new UsageError('detect wants --in DIR and --out FILE; try detect --help')
    const rules = await readRules(text('policy'))
    const bar = json ? undefined : createProgressBar('detect', err, now)
    try {
      const { summary, findings } = await detectDirectory(dir, {
        rules,
        system: text('system'),
        company: text('company'),
        zone: text('zone'),
        signal,
        onProgress: (done, of, what) => bar?.update(done, of, what),
      })
      bar?.end()
      await writeFile(file, file.endsWith('.csv') ? csvOf(findings) : linesOf(findings))
      const rejected = Object.values(summary.kinds).reduce((sum, kind) => sum + kind.rejected + kind.conflicts, 0)
      const counts = { findings: findings.length, documentsRejected: rejected, outcome: summary.outcome }
      out.write(
        json
          ? `${JSON.stringify(counts)}\n`
          : `${findings.length} findings in ${file}; ${rejected} documents could not be read\n`,
      )
      return summary.outcome === 'complete' && rejected === 0 ? 0 : 1
    } catch (error) {
      if (signal.aborted) return 130
      if (error instanceof ImportError) throw new UsageError(error.message, { cause: error })
      throw error
    } finally {
      bar?.end()
    }
  },
}

/** The default terms with what the file says instead of them. */
async function readRules(file: string | undefined): Promise<PriceRules> {
  if (file === undefined) return defaultPriceRules
  const said = await readJsonFile(file)
  const { version, ...standard } = defaultPriceRules
  const read = priceRules.safeParse({ ...standard, ...(said as object) })
  if (!read.success) throw new UsageError(`${file} is no price policy:\n${z.prettifyError(read.error)}`)
  const problem = priceRulesProblem(read.data)
  if (problem) throw new UsageError(`${file}: ${problem.refused} ${JSON.stringify(problem.details)}`)
  return { ...read.data, version }
}

function linesOf(findings: readonly DirectoryFinding[]): string {
  return findings.map((finding) => `${JSON.stringify(shown(finding))}\n`).join('')
}

function shown({
  kind,
  dealerId,
  sku,
  region,
  from,
  to,
  score,
  derivesFromResale,
  figures,
  evidence,
}: DirectoryFinding) {
  return {
    kind,
    dealer: dealerId,
    sku,
    ...(region !== undefined && { region }),
    from,
    to,
    score,
    derivesFromResale,
    figures,
    evidence,
  }
}

function csvOf(findings: readonly DirectoryFinding[]): string {
  const rows = findings.map((finding) => {
    const { kind, dealer, sku, region = '', from, to, score, evidence } = shown(finding)
    const named = evidence.map(({ file, document, line }) => [file, document, line].filter(Boolean).join(':'))
    return [kind, dealer, sku, region, from, to, score, [...new Set(named)].join(' ')]
  })
  return csvText([['kind', 'dealer', 'sku', 'region', 'from', 'to', 'score', 'evidence'], ...rows])
}
