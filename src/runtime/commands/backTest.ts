import { z } from 'zod'
import { backTestBody, shownBackTest } from '../../api/routes/priceBackTest.ts'
import { backTest } from '../../domain/detection/backTest.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { priceRulesProblem, pricePolicyAggregate } from '../../domain/violations/pricePolicy.ts'
import { claimsModel } from '../../projections/models/claims/model.ts'
import { openGoods } from '../../projections/models/claims/openGoods.ts'
import { violationsModel } from '../../projections/models/violations/model.ts'
import { serialsModel } from '../../projections/models/serials/model.ts'
import { openSightings } from '../../projections/models/serials/openSightings.ts'
import { openTrade } from '../../projections/models/violations/openTrade.ts'
import { type Command, UsageError } from '../commandLine.ts'
import { now, openLedger } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'
import { readJsonFile } from '../readJsonFile.ts'
import { openProjections } from '../projections.ts'

const waitMs = 60_000

/** Exit code 0: worked out; 130: stopped. */
export const backTestCommand: Command = {
  name: 'back-test',
  summary: 'What a draft of a price policy would have found in the past, beside what was found; writes nothing',
  usage: ['back-test DRAFT.json'],
  async run({ settings, operands, json, out, err, signal }) {
    const [file, ...more] = operands
    if (file === undefined || more.length > 0)
      throw new UsageError('back-test wants the file of a draft; try back-test --help')
    const { from, until, terms } = await readDraft(file)
    const ledger = await openLedger({ settings, roles: [], warn: (message) => err.write(`${message}\n`) })
    const projections = await openProjections(ledger, 2)
    const bar = json ? undefined : createProgressBar('back-test', err, now)
    try {
      const { store, registry, handler } = ledger
      const window = { from: instantOf(from), until: instantOf(until), upTo: await store.head() }
      const sources = {
        load: handler.load,
        trade: openTrade(projections.readerOf(violationsModel), { store, registry }, waitMs),
        sightings: openSightings(projections.readerOf(serialsModel), waitMs),
        movements: openGoods(projections.readerOf(claimsModel), waitMs).movements,
      }
      const { companyId } = settings
      const policy = await handler.load(pricePolicyAggregate, companyId)
      const onProgress = (done: number, of: number): void => bar?.update(done, of, 'dealers')
      const found = await backTest(sources, { companyId, draft: terms, policy, window, signal, onProgress })
      bar?.end()
      const shown = shownBackTest(found)
      const lines = [
        ...shown.kinds.map(({ kind, draft, inForce }) => `${kind}: ${draft} (in force: ${inForce})`),
        ...shown.more.map((one) => `+ ${one.dealerId} ${one.sku ?? ''} ${one.to}: ${one.en}`),
        ...shown.less.map((one) => `- ${one.dealerId} ${one.sku ?? ''} ${one.to}: ${one.en}`),
        `on everything up to position ${window.upTo}; nothing was written`,
      ]
      out.write(
        json ? `${JSON.stringify({ knownAt: window.upTo.toString(), ...shown }, null, 2)}\n` : `${lines.join('\n')}\n`,
      )
      return 0
    } catch (error) {
      if (signal.aborted) return 130
      throw error
    } finally {
      bar?.end()
      await projections.close()
      await ledger.close()
    }
  },
}

/** The body of `POST /v1/price-policies/back-test`. */
async function readDraft(file: string): Promise<z.infer<typeof backTestBody>> {
  const read = backTestBody.safeParse(await readJsonFile(file))
  if (!read.success) throw new UsageError(`${file} is no draft:\n${z.prettifyError(read.error)}`)
  const problem = priceRulesProblem(read.data.terms)
  if (problem) throw new UsageError(`${file}: ${problem.refused} ${JSON.stringify(problem.details)}`)
  return read.data
}
