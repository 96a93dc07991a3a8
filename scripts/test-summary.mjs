// Reads vitest's JSON report: prints the time of each suite and what failed and why, fails on a skipped test that is not in the
// committed list, and ends with the counts.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const [reportFile, allowedFile] = process.argv.slice(2)
const report = JSON.parse(readFileSync(reportFile, 'utf8'))
const allowed = readFileSync(allowedFile, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
/** seconds a suite may take; two cores */
const budgetSeconds = 300
const budgets = {
  // fifty kills, each with the start of what was killed
  'test/fault/killLoop.test.ts': 1500,
  'test/fault/killLoopMutants.test.ts': 600,
  // eleven faults on five links
  'test/fault/faultLoop.test.ts': 900,
  'test/simulation/engine.test.ts': 300,
  'test/model/modelSequences.test.ts': 600,
  'test/import/adventureWorks.test.ts': 1200,
  'test/import/adventureWorksRebates.test.ts': 900,
}
const budgetOf = (name) => budgets[name] ?? budgetSeconds

const suites = report.testResults
  .map((suite) => ({ name: relative(process.cwd(), suite.name), seconds: (suite.endTime - suite.startTime) / 1000 }))
  .toSorted((a, b) => b.seconds - a.seconds)
console.log('slowest suites:')
for (const { name, seconds } of suites.slice(0, 12)) console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${name}`)

const problems = suites
  .filter(({ name, seconds }) => seconds > budgetOf(name))
  .map(({ name, seconds }) => `${name} took ${seconds.toFixed(0)} s; it may take ${budgetOf(name)} s`)
const counts = { passed: 0, failed: 0, skipped: 0 }
for (const suite of report.testResults) {
  if (suite.status === 'failed' && suite.assertionResults.length === 0) {
    counts.failed++
    problems.push(`${relative(process.cwd(), suite.name)} did not run: ${suite.message}`)
  }
  for (const test of suite.assertionResults) {
    if (test.status === 'passed') counts.passed++
    else if (test.status === 'failed') {
      counts.failed++
      const why = test.failureMessages.map((message) => message.slice(0, 1500)).join('\n')
      problems.push(`failed: ${relative(process.cwd(), suite.name)} > ${test.fullName}\n${why}`)
    } else {
      counts.skipped++
      const title = `${relative(process.cwd(), suite.name)} > ${test.fullName}`
      if (!allowed.some((entry) => title.startsWith(entry)))
        problems.push(`skipped and not in ${allowedFile}: ${title}`)
    }
  }
}
for (const problem of problems) console.log(problem)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = problems.length > 0 || counts.failed > 0 || counts.passed === 0 ? 1 : 0
