import type { Finding } from '../../domain/detection/judge.ts'
import type { ViolationCommand } from '../../domain/violations/commands.ts'
import type { PriceRules } from '../../domain/violations/pricePolicy.ts'
import { violationIdOf } from '../../domain/violations/violationIdOf.ts'
import { violationsAggregate } from '../../domain/violations/violations.ts'
import { metaOf, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact } from '../reactor.ts'

/** Opens the case, once however often it is found. */
export async function recordFinding(
  { handler }: WorkContext,
  fact: Fact,
  finding: Finding,
  terms: PriceRules,
): Promise<void> {
  const command = detection(finding, terms)
  const outcome = await processCommand(
    handler,
    violationsAggregate,
    command,
    command.violationId,
    metaOf('violations', fact),
  )
  if (!outcome.ok) throw new StepRefused(command.violationId, outcome.refusal)
}

function detection(finding: Finding, terms: PriceRules): Extract<ViolationCommand, { type: 'DetectViolation' }> {
  const { about: _about, sku, figures, evidence, ...found } = finding
  const { repeatWithinDays, explainWithinDays, quietDays } = terms
  return {
    type: 'DetectViolation',
    ...found,
    violationId: violationIdOf(finding),
    ...(sku !== '' && { sku }),
    figures: { ...figures },
    evidence: [...evidence],
    repeatWithinDays,
    explainWithinDays,
    quietDays,
  }
}
