import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import type { KillLoopReport } from './killLoop.ts'

/** `<path>.json` with everything and `<path>.md` to read. */
export async function writeReport(path: string, report: KillLoopReport, form: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.json`, `${JSON.stringify(report, undefined, 2)}\n`)
  await writeFile(`${path}.md`, text(report, form))
}

function text(report: KillLoopReport, form: string): string {
  const { findings, readyMilliseconds: ready } = report
  const count = (n: number): string => n.toLocaleString('en-US')
  const rows: readonly (readonly [string, string])[] = [
    ['kills', `${count(report.kills)}, ${count(report.landed)} of them while requests were on their way`],
    [
      'requests on their way at the kills',
      `${count(report.inFlightAtKills)}; the kill left ${count(report.cut)} of them open`,
    ],
    ['commands acknowledged', count(report.acknowledged)],
    ['commands refused by a rule', count(report.refused)],
    ['attempts left open, repeated with their keys', count(report.open)],
    ['acknowledged commands repeated', `${count(report.replayed)}, each answered as before`],
    ['reads of what was acknowledged', `${count(report.reads)}, none stale`],
    ['events in the log', count(report.events)],
    ['rows of read models compared with a fresh fold', count(report.rowsCompared)],
    ['**lost, doubled, phantom**', `**${report.lost}, ${report.doubled}, ${report.phantom}**`],
    ['ready again after a kill', `${ready.median} ms (median), ${ready.longest} ms (longest)`],
    ['duration', `${count(Math.round(report.seconds / 60))} min on ${cpus().length} cores`],
  ]
  const verdict = findings.length === 0 ? 'Nothing was found.' : 'What was found:'
  return `# Kill loop

SIGKILL to parts of the running system while 24 callers give commands, again and again on the same data; after each kill the log is held
against the acknowledgements that another process kept. Seed ${report.seed}, commit ${report.commit}. To repeat it:

\`\`\`sh
${form}
\`\`\`

| | |
| --- | --- |
${rows.map(([name, value]) => `| ${name} | ${value} |`).join('\n')}

| Killed | Times |
| --- | ---: |
${Object.entries(report.targets)
  .map(([target, times]) => `| ${target.replace('+', ' and ')} | ${count(times)} |`)
  .join('\n')}

${verdict}
${findings.map(({ reason, what }) => `\n- ${reason}: ${what.slice(0, 300)}`).join('')}`
}
