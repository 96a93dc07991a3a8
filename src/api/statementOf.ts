import { chainId } from '../domain/reconciliation/commands.ts'
import { reconciliationAggregate, type Statement } from '../domain/reconciliation/chain.ts'
import { createBoundedCache, type BoundedCache } from '../ledger/boundedCache.ts'
import { type Chain, type Drawn, drawnFor } from '../projections/models/reconciliation/drawFigures.ts'
import { reconciliationModel } from '../projections/models/reconciliation/model.ts'
import { openStatementEntries } from '../projections/models/reconciliation/statementEntries.ts'
import type { ApiPorts } from './ports.ts'

export interface ShownStatement {
  readonly statement: Statement
  readonly drawn: Drawn
  /** what was drawn now has the fingerprint that was published */
  readonly isVerified: boolean
}

/** how long a question waits for the read model to reach the watermark of a statement */
export const entriesWaitMilliseconds = 2_000

/** by published fingerprint: what has it never changes, and is read page by page */
const held = new WeakMap<ApiPorts, BoundedCache<Drawn>>()

/** The newest version of a statement with its lines, drawn from the log as it was known then; undefined when there is none. */
export async function statementOf(
  ports: ApiPorts,
  { statementNo, ...chain }: Chain & { readonly statementNo: number },
): Promise<ShownStatement | undefined> {
  const { statements } = await ports.handler.load(reconciliationAggregate, chainId(chain))
  const statement = statements[statementNo - 1]
  if (!statement) return undefined
  const { fingerprint } = statement
  const cache = held.get(ports) ?? createBoundedCache<Drawn>({ capacity: 20 })
  held.set(ports, cache)
  const source = openStatementEntries(ports.readerOf(reconciliationModel), entriesWaitMilliseconds)
  const drawn = cache.get(fingerprint) ?? (await drawnFor(source, { ...chain, ...statement, statementNo }))
  if (drawn.fingerprint === fingerprint) cache.set(fingerprint, drawn)
  return { statement, drawn, isVerified: drawn.fingerprint === fingerprint }
}
