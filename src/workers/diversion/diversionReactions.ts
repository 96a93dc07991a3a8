import { judgeSighting } from '../../domain/diversion/judgeSighting.ts'
import { pricePolicyAggregate, priceRulesAt } from '../../domain/violations/pricePolicy.ts'
import type { WorkContext } from '../context.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { recordFinding } from '../violations/recordFinding.ts'

/**
 * Goods are judged as they are seen, by the policy in force then; scans come in files as often as not, and are judged all the same. Of
 * scans that are judged at once the first one that is written opens the case, and the others find it there.
 */
export function diversionReactions(context: WorkContext): readonly Reaction[] {
  return [
    {
      name: 'diversion',
      types: ['ScanObserved'],
      ofImports: true,
      run: (fact: Fact): Promise<void> => judge(context, fact),
    },
  ]
}

async function judge(context: WorkContext, fact: Fact): Promise<void> {
  const { handler, trade, goods, sightings } = context
  const { event } = fact
  const { companyId, serial } = fact.data as { companyId: string; serial: string } // a ScanObserved
  const terms = priceRulesAt(await handler.load(pricePolicyAggregate, companyId), event.occurredAt)
  if (!terms?.rules.DIVERSION) return
  const seen = await sightings.one(serial, event.id, event.position)
  if (!seen) return
  const sources = { load: handler.load, trade, movements: goods.movements, sightings }
  for (const finding of await judgeSighting(sources, seen, terms, event.position))
    await recordFinding(context, fact, finding, terms)
}
