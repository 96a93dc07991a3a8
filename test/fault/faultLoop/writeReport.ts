import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import type { FaultLoopReport } from './faultLoop.ts'
import { type Fault, faults } from './faultProxy.ts'

/** `<path>.json` with everything and `<path>.md` to read; `reports` by the name of the store. */
export async function writeReport(
  path: string,
  reports: Readonly<Record<string, FaultLoopReport>>,
  form: string,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.json`, `${JSON.stringify(reports, undefined, 2)}\n`)
  const head = `# Faults on every link

A proxy of our own stands on each link of the running system and fails in one way for one to three seconds while 24 callers give commands and
jobs are enqueued; then the log is held against the acknowledgements, and at the end every read model against a fresh fold. The figures are
milliseconds from the end of the fault until \`/readyz\` says yes, a new job has run, a new command is taken and its effect stands in a
read model; the longest where a fault was tried more than once. To repeat it:

\`\`\`sh
${form}
\`\`\`

| Fault | What it does |
| --- | --- |
${Object.entries(faults)
  .map(([name, what]) => `| ${name} | ${what} |`)
  .join('\n')}
`
  const parts = Object.entries(reports).map(([store, report]) => part(store, report))
  await writeFile(`${path}.md`, `${head}\n${parts.join('\n')}`)
}

function part(store: string, report: FaultLoopReport): string {
  const { rounds, findings, readyMilliseconds: ready } = report
  const count = (n: number): string => n.toLocaleString('en-US')
  const links = [...new Set(Object.keys(rounds).map((name) => name.split(' ')[0] ?? ''))]
  const cell = (link: string, fault: Fault): string => `${rounds[`${link} ${fault}`]?.ready ?? ''}`
  const table = (Object.keys(faults) as Fault[]).map(
    (fault) => `| ${fault} | ${links.map((link) => cell(link, fault)).join(' | ')} |`,
  )
  const verdict = findings.length === 0 ? 'Nothing was found.' : 'What was found:'
  return `## The log in ${store}

Seed ${report.seed}, commit ${report.commit}, ${count(Math.round(report.seconds / 60))} min on ${cpus().length} cores. ${count(report.acknowledged)} commands
acknowledged, ${count(report.refused)} refused by a rule, ${count(report.open)} attempts left open and repeated with their keys, ${count(report.replayed)} acknowledged
ones repeated and answered as before, ${count(report.reads)} reads, ${count(report.jobsRun)} jobs run, ${count(report.events)} events, ${count(report.rowsCompared)} rows of read
models compared. **Lost ${report.lost}, doubled ${report.doubled}, phantom ${report.phantom}.** Ready again after ${ready.median} ms (median), ${ready.longest} ms (longest).

| Fault | ${links.map((link) => link.replace('>', ' to ')).join(' | ')} |
| --- | ${links.map(() => '---:').join(' | ')} |
${table.join('\n')}

${verdict}
${findings.map(({ reason, what }) => `\n- ${reason}: ${what.slice(0, 300)}`).join('')}`
}
