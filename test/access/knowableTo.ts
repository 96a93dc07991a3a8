import type { RecordedEvent } from '../../src/ledger/envelope.ts'

type Data = Readonly<Record<string, unknown>>

/**
 * The log without everything that belongs to other dealers or to the manufacturer alone: what the answers to a dealer's staff
 * may rest on. Written from design.md §7 ("nothing that betrays a rival's") and not from the program: by the owner of each stream,
 * and inside shared streams by the dealer that an event names.
 */
export function knowableTo(dealer: string, log: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const ofMaker = (stream: string): boolean => stream.startsWith('serial-')
  return knowableToAny(new Set([dealer]), dealer, log, ofMaker)
}

/**
 * The same with what concerns the dealers below it, of goods on their way through the channel: a parent sees these too. The codes on
 * the goods themselves are no secret, only in whose hands they are.
 */
export function knowableBelow(dealer: string, log: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const children = log.flatMap(({ type, data: of }) => {
    const { dealerId, parentDealerId } = of as { dealerId?: string; parentDealerId?: string }
    return type === 'DealerRegistered' && parentDealerId === dealer ? [String(dealerId)] : []
  })
  return knowableToAny(new Set([dealer, ...children]), dealer, log, () => false)
}

function knowableToAny(
  dealers: ReadonlySet<string>,
  dealer: string,
  log: readonly RecordedEvent[],
  ofMaker: (stream: string) => boolean,
): readonly RecordedEvent[] {
  const byId = new Map(log.map((event) => [event.id, event]))
  const owners = ownersOf(log)
  const isKnowable = (event: RecordedEvent): boolean => {
    // a declaration goes with the event that it takes back
    const about = event.type === 'ErrorDeclared' ? byId.get(String((event.data as Data)['eventId'])) : event
    if (!about) return false
    const owner = owners.get(about.stream)
    if (owner !== undefined)
      return [...owner].some((one) => dealers.has(one)) || about.stream.startsWith('account-')
        ? ofAccount(about)
        : false
    // who saw a code is told of it, and nobody else; of a transfer of goods both sides are
    if (/Scan/.test(about.type)) return dealers.has(named(about) ?? '')
    const { fromDealerId } = about.data as { fromDealerId?: string }
    if (named(about) === undefined && ofMaker(about.stream)) return false
    return isAmong(named(about)) || (fromDealerId !== undefined && dealers.has(fromDealerId))
  }
  /** A group's account holds the trade of several dealers: its own party sees all of it, each dealer what names it. */
  const ofAccount = (event: RecordedEvent): boolean =>
    !event.stream.startsWith('account-') || event.stream === `account-${dealer}` || named(event) === dealer
  const isAmong = (name: string | undefined): boolean => name === undefined || dealers.has(name)
  /** A promotion or price list for named dealers is for them alone. */
  const named = ({ type, data }: RecordedEvent): string | undefined => {
    const { dealerId, scope, party } = data as { dealerId?: string; scope?: Data; party?: string }
    if (type === 'PromotionScheduled' && Array.isArray(scope?.['dealers']))
      return scope['dealers'].includes(dealer) ? dealer : 'another'
    return dealerId ?? (typeof scope?.['dealerId'] === 'string' ? scope['dealerId'] : party)
  }
  return log.filter(isKnowable)
}

/** Whose each owned stream is; streams that are nobody's (products, calendars, programmes, price lists) are not in it. */
function ownersOf(log: readonly RecordedEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const owners = new Map<string, Set<string>>()
  const own = (stream: string, ...dealers: readonly unknown[]): void => {
    const known = owners.get(stream) ?? owners.set(stream, new Set()).get(stream)
    for (const dealer of dealers) known?.add(String(dealer))
  }
  for (const { stream, type, data: of } of log) {
    const data = of as Data & { from?: Data; to?: Data; scope?: Data }
    const [category, id] = [stream.slice(0, stream.indexOf('-')), stream.slice(stream.indexOf('-') + 1)]
    if (category === 'dealer') own(stream, id)
    if (category === 'account') own(stream, id)
    if (category === 'stock') own(stream, data['party'] ?? id.split('/')[0])
    if (['settlement', 'reconciliation', 'differences', 'fund', 'proof'].includes(category))
      own(stream, data['dealerId'] ?? '')
    if (category === 'principal' || category === 'webhook') own(stream, data['dealerId'] ?? 'the manufacturer')
    if (category === 'forecast' || category === 'demand') own(stream, id)
    if (category === 'stockplan' || category === 'stockadvice') own(stream, data['party'])
    if (category === 'forecastpolicy' || category === 'stockplanpolicy') own(stream, 'the manufacturer')
    if (category === 'conduct' || category === 'violations' || category === 'health') own(stream, id)
    if (category === 'marketprice') own(stream, data['dealerId'] ?? 'the manufacturer')
    if (['stacking', 'postings', 'claimspolicy', 'conductrules', 'pricepolicy'].includes(category))
      own(stream, 'the manufacturer')
    if (category === 'alert') own(stream, data['dealerId'] ?? 'the manufacturer')
    if (category === 'alertrules') own(stream, 'the manufacturer')
    if (type === 'OrderPlaced' || type === 'OrderDrafted') {
      own(stream, data['dealerId'])
      own(`fulfilment-${id}`, data['dealerId'])
    }
    if (type === 'TransferRequested') own(stream, data.from?.['party'], data.to?.['party'])
    if (type === 'PriceListPublished' && data.scope?.['dealerId'] !== undefined)
      for (const { stream: prices } of log)
        if (prices.startsWith(`price-${String(data['listId'])}/`)) own(prices, data.scope['dealerId'])
  }
  return owners
}
