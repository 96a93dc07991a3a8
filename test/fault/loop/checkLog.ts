import { keyedEventId } from '../../../src/ledger/commandIds.ts'
import type { LedgerLine } from './acknowledgements.ts'
import type { Finding, Reason } from './findings.ts'
import type { LogRow } from './outsideLog.ts'
import { writers } from './traffic.ts'

export interface LogCheck {
  line(line: LedgerLine): void
  row(row: LogRow): void
  /**
   * Holds what was read against what was acknowledged, and forgets it: every command is settled by now, and the rows are read up to
   * the head. The answer is what is wrong since the last call.
   */
  settle(): readonly Finding[]
  readonly counts: { acknowledged: number; withoutEvents: number; refused: number; events: number; byCommand: number }
  /** of the last row */
  position(): bigint
  lastId(): string | undefined
}

interface Sent {
  readonly key: string
  readonly acknowledged?: Extract<LedgerLine, { line: 'acknowledged' }>
  readonly refused?: string
}
interface Written {
  readonly stream: string
  readonly events: { readonly id: string; readonly revision: number; readonly position: bigint }[]
}

const shown = 20

/**
 * The log against the acknowledgement ledger: every acknowledged command's events are there, once and as they were
 * answered; nothing is there that was never sent or was refused; positions are dense where the
 * store promises it, and no stream has a hole.
 */
export function createLogCheck(isDense: boolean): LogCheck {
  const actors: ReadonlySet<string> = new Set(writers)
  const sent = new Map<string, Sent>()
  const idOfKey = new Map<string, string>()
  const written = new Map<string, Written>()
  const revisions = new Map<string, number>()
  const ids = new Set<string>()
  const counts = { acknowledged: 0, withoutEvents: 0, refused: 0, events: 0, byCommand: 0 }
  let position = 0n
  let lastId: string | undefined
  let findings: Finding[] = []

  const find = (reason: Reason, what: string): void => {
    if (findings.filter((finding) => finding.reason === reason).length < shown) findings.push({ reason, what })
  }

  function holdAgainst(commandId: string, { key, acknowledged, refused }: Sent): void {
    const found = written.get(commandId)
    if (refused !== undefined) {
      if (found) find('phantom', `${key} was refused with ${refused} and has events in ${found.stream}`)
      return
    }
    if (!acknowledged) {
      find('lost', `${key} was never settled`)
      return
    }
    const { events, stream } = acknowledged
    if (events.length === 0) {
      if (found) find('phantom', `${key} was answered without events and has some in ${found.stream}`)
      return
    }
    if (!found) {
      find('lost', `${key} was acknowledged with ${acknowledged.status} and has no event in ${stream}`)
      return
    }
    const same =
      found.stream === stream &&
      found.events.length === events.length &&
      events.every(([id, revision], n) => found.events[n]?.id === id && found.events[n].revision === revision)
    if (same) return
    const reason = found.events.length > events.length ? 'doubled' : 'lost'
    find(reason, `${key} was answered as ${JSON.stringify(events)} and stands as ${text(found)}`)
  }

  return {
    counts,
    position: () => position,
    lastId: () => lastId,
    line(line) {
      if (line.line === 'sent') {
        const commandId = keyedEventId(line.principal, line.route, line.key, 0)
        sent.set(commandId, { key: line.key })
        idOfKey.set(line.key, commandId)
        return
      }
      const commandId = idOfKey.get(line.key) ?? ''
      idOfKey.delete(line.key)
      if (!sent.has(commandId)) find('phantom', `${line.key} was answered and never sent`)
      if (line.line === 'refused') {
        counts.refused += 1
        sent.set(commandId, { key: line.key, refused: line.code })
        return
      }
      counts.acknowledged += 1
      if (line.events.length === 0) counts.withoutEvents += 1
      sent.set(commandId, { key: line.key, acknowledged: line })
    },
    row(row) {
      counts.events += 1
      if (isDense ? row.position !== position + 1n : row.position <= position)
        find('hole', `position ${row.position} follows ${position}`)
      position = row.position
      lastId = row.id
      const expected = (revisions.get(row.stream) ?? -1) + 1
      if (row.revision !== expected)
        find('hole', `${row.stream} goes from revision ${expected - 1} to ${row.revision} at ${row.position}`)
      revisions.set(row.stream, row.revision)
      if (ids.has(row.id)) find('doubled', `event ${row.id} stands twice, again at ${row.position}`)
      ids.add(row.id)
      if (row.commandId === undefined) return
      const command = written.get(row.commandId) ?? { stream: row.stream, events: [] }
      written.set(row.commandId, command)
      const before = command.events.at(-1)
      const follows = isDense ? before?.position === row.position - 1n : before?.revision === row.revision - 1
      if (before && (command.stream !== row.stream || !follows))
        find('doubled', `command ${row.commandId} writes at ${before.position} and again at ${row.position}`)
      command.events.push({ id: row.id, revision: row.revision, position: row.position })
      if (row.kind === 'command' && actors.has(row.actor)) {
        counts.byCommand += 1
        if (!sent.has(row.commandId))
          find('phantom', `${row.actor} never sent the command of ${row.id} in ${row.stream}`)
      }
    },
    settle() {
      for (const [commandId, command] of sent) holdAgainst(commandId, command)
      sent.clear()
      idOfKey.clear()
      written.clear()
      const all = findings
      findings = []
      return all
    },
  }
}

function text({ stream, events }: Written): string {
  return `${stream} ${JSON.stringify(events.map(({ id, revision }) => [id, revision]))}`
}
