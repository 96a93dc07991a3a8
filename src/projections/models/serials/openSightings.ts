import type { TradeWindow } from '../../../domain/detection/judge.ts'
import { goodsAt, isUnauthorised, type GoodsStep } from '../../../domain/diversion/goodsSteps.ts'
import type { Sent, Sighting, Sightings } from '../../../domain/diversion/sighting.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { Reader, Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { plainDecimal } from '../sqlText.ts'
import { serialsModel } from './model.ts'

/** The whole log's business time: which facts count is said by the window. */
const endOfTime = Date.UTC(9999, 11, 31)
/** item, case, pallet, and what each was taken out of */
const deepest = 6

/** Goods that were seen, from the read model. Answers rest on everything up to `upTo`; throws `ModelBehind` when it does not get there in time. */
export function openSightings(reader: Reader, waitMs: number): Sightings {
  async function ask<Row extends object>(
    upTo: bigint,
    question: (from: Source, bind: Bind) => string,
  ): Promise<readonly Row[]> {
    await waitForPosition(reader, serialsModel.name, upTo, waitMs)
    return (await reader.ask<Row>({ asOf: endOfTime, knownAt: upTo }, question)).rows
  }

  async function seen(
    { from: start, until, upTo }: TradeWindow,
    condition: (from: Source, bind: Bind) => string,
  ): Promise<readonly Sighting[]> {
    const scans = await ask<ScanRow>(upTo, (from, bind) => {
      const [first, end] = [start, until].map(
        (instant) => `${bind(new Date(Math.max(instant, 0)).toISOString())}::timestamptz`,
      )
      return `select c.event_id as "eventId", c.stream, c.revision::integer as revision, c.happened_at as at, c.position::text as position, c.company_id as "companyId",
         c.serial, c.role, c.region, ${plainDecimal('c.latitude')} as latitude, ${plainDecimal('c.longitude')} as longitude, c.accuracy_metres as "accuracyMetres",
         c.outlet_id as "outletId", coalesce(c.unreadable, 0) as unreadable
       from ${from.facts('scans')} c where c.known and c.at >= ${first} and c.at < ${end} and ${condition(from, bind)} order by c.at, c.position`
    })
    return placed(scans, upTo)
  }

  async function placed(scans: readonly ScanRow[], upTo: bigint): Promise<readonly Sighting[]> {
    const steps = new Map<string, readonly GoodsStep[]>()
    let wanted = [...new Set(scans.map(({ serial }) => serial))]
    const codes = new Map((await codesOf(wanted, upTo)).map((code) => [code.serial, code]))
    for (let level = 0; wanted.length > 0 && level < deepest; level += 1) {
      const found = new Map<string, StepRow[]>()
      for (const step of await stepsOf(wanted, upTo)) {
        const known = found.get(step.serial)
        if (known) known.push(step)
        else found.set(step.serial, [step])
      }
      for (const serial of wanted) steps.set(serial, (found.get(serial) ?? []).map(stepOf))
      const parents = [...found.values()].flat().map(({ parent }) => parent ?? '')
      wanted = [...new Set(parents)].filter((parent) => parent !== '' && !steps.has(parent))
    }
    return scans.map((scan) => {
      const { position, region, latitude, longitude, accuracyMetres, outletId, ...rest } = scan
      const { chain, sent } = goodsAt(scan.serial, instantOf(scan.at), (serial) => steps.get(serial) ?? [])
      const { sku, children } = codes.get(scan.serial) ?? {}
      return {
        ...rest,
        position: BigInt(position),
        chain,
        codes: Math.max(1, children ?? 0, scan.unreadable),
        ...(region !== null && { region }),
        ...(latitude !== null && longitude !== null && { place: { latitude, longitude } }),
        ...(accuracyMetres !== null && { accuracyMetres }),
        ...(outletId !== null && { outletId }),
        ...(sku !== undefined && sku !== null && { sku }),
        ...(sent && { sent }),
      }
    })
  }

  const codesOf = (serials: readonly string[], upTo: bigint): Promise<readonly CodeRow[]> =>
    ask(
      upTo,
      (from, bind) =>
        `select s.serial, s.sku, s.child_count as children from ${from('serials')} s where s.serial = any(${bind(serials)}::text[])`,
    )

  const stepsOf = (serials: readonly string[], upTo: bigint): Promise<readonly StepRow[]> =>
    ask(
      upTo,
      (from, bind) =>
        `select m.serial, m.event_id as "eventId", floor(extract(epoch from m.at) * 1000)::text as at, m.position::text as position, m.kind, m.parent, m.dealer_id as "dealerId",
           m.territory, m.breaches
         from ${from.facts('moves')} m where m.serial = any(${bind(serials)}::text[]) order by m.at, m.position, m.seq`,
    )

  return {
    async one(serial, eventId, upTo) {
      const all = { from: 0, until: endOfTime, upTo }
      const [found] = await seen(all, (_from, bind) => `c.serial = ${bind(serial)} and c.event_id = ${bind(eventId)}`)
      return found
    },
    async of(dealerId, window) {
      // what went to the dealer, what that holds, and what is in those; who had it when it was seen, its steps say
      const found = await seen(window, (from, bind) => {
        const moves = from.facts('moves')
        const within = (serials: string): string =>
          `${serials} union select m.serial from ${moves} m where m.parent <> '' and m.parent in (${serials})`
        const sent = `select m.serial from ${moves} m where m.dealer_id = ${bind(dealerId)} and m.kind in ('shipped', 'transferred')`
        return `c.serial in (${within(`select i.serial from (${within(sent)}) i`)})`
      })
      return found.filter(({ sent }) => sent?.dealerId === dealerId)
    },
    all: (window) => seen(window, () => 'true'),
  }
}

interface ScanRow extends Pick<Sighting, 'eventId' | 'stream' | 'revision' | 'at' | 'companyId' | 'serial' | 'role'> {
  readonly position: string
  readonly region: string | null
  readonly latitude: string | null
  readonly longitude: string | null
  readonly accuracyMetres: number | null
  readonly outletId: string | null
  readonly unreadable: number
}
interface CodeRow {
  readonly serial: string
  readonly sku: string | null
  readonly children: number | null
}
interface StepRow {
  readonly serial: string
  readonly eventId: string
  readonly at: string
  readonly position: string
  readonly kind: string
  readonly parent: string | null
  readonly dealerId: string | null
  readonly territory: Sent['territory'] | null
  readonly breaches: readonly { readonly code: string }[] | null
}

function stepOf({ eventId, at, position, kind, parent, dealerId, territory, breaches }: StepRow): GoodsStep {
  const place = { eventId, at: Number(at), position: BigInt(position) }
  const isSent = kind === 'shipped' || kind === 'transferred'
  // that goods arrived changes nothing of whom they were sent to
  if (kind === 'received' || (isSent && isUnauthorised(breaches ?? []))) return place
  return {
    ...place,
    ...(parent !== null && { parent }),
    ...(kind === 'taken-out' && { isTakenOut: true }),
    ...(isSent && dealerId !== null && { sent: { dealerId, ...(territory && { territory }), eventId } }),
  }
}
