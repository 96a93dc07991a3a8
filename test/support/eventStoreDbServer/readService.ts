import { identifier, streamName } from './appendService.ts'
import type { EventLog, StoredEvent } from './eventLog.ts'
import type { Faults } from './faults.ts'
import { backwards, grpc, shared, streams } from './grpcDefinitions.ts'
import type { ReadReq, ReadResp, WritableStream } from './grpcDefinitions.ts'

type ReadCall = WritableStream<ReadReq, ReadResp>
type ReadOptions = InstanceType<(typeof streams)['ReadReq']['Options']>

export interface ReadServiceOptions {
  readonly log: EventLog
  readonly faults: Faults
  readonly breakConnections: () => void
  /** live subscriptions, so that a test can drop them */
  readonly subscriptions: Set<Subscription>
}

export interface Subscription {
  /** Ends it as the server does with a reader that cannot keep up. */
  dropTooSlow(): void
}

/** The Read call: streams and $all, both directions, and live subscriptions with confirmation, caught-up and checkpoints. */
export function read(service: ReadServiceOptions): (call: ReadCall) => void {
  return (call) => {
    call.on('error', () => undefined)
    const options = call.request.getOptions()
    if (!options) return fail(call, grpc.status.INVALID_ARGUMENT, 'no options')
    if (options.hasSubscription()) return subscribe(service, call, options)
    const fault = service.faults.nextRead()
    if (fault?.kind === 'drop') return service.breakConnections()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'status') return fail(call, fault.code, fault.details)

    const count = Number(options.getCount())
    if (count === 0) return fail(call, grpc.status.UNKNOWN, 'Exception was thrown by handler.')
    const found = options.hasAll() ? selectAll(service.log, options, count) : selectStream(service.log, options, count)
    if (found === 'no-record') return fail(call, grpc.status.UNKNOWN, 'Unexpected ReadAllResult: Error')
    if (found === 'no-stream') {
      const response = new streams.ReadResp()
      const missing = new streams.ReadResp.StreamNotFound()
      missing.setStreamIdentifier(identifier(streamName(options.getStream()?.getStreamIdentifier())))
      response.setStreamNotFound(missing)
      call.write(response)
      return call.end()
    }
    let sent = 0
    for (const event of found) {
      if (fault?.kind === 'drop-after' && sent === fault.events) return service.breakConnections()
      call.write(eventResponse(event))
      sent += 1
    }
    call.end()
  }
}

/** Forwards inclusive, backwards exclusive; a position that no record starts at is an error. */
function selectAll(log: EventLog, options: ReadOptions, count: number): readonly StoredEvent[] | 'no-record' {
  const all = options.getAll()
  const down = options.getReadDirection() === backwards
  let index = all?.hasEnd() || (down && !all?.hasPosition()) ? log.all.length : 0
  if (all?.hasStart()) index = 0
  const position = all?.getPosition()
  if (position) {
    const at = BigInt(position.getCommitPosition())
    const known = log.indexOf(at)
    // Beyond the end is empty forwards and an error backwards.
    if (known === undefined && (down || at < (log.all.at(-1)?.position ?? 0n))) return 'no-record'
    index = known ?? log.all.length
  }
  return down ? log.all.slice(Math.max(0, index - count), index).toReversed() : log.all.slice(index, index + count)
}

/** Inclusive in both directions; backwards from beyond the end starts at the last. */
function selectStream(log: EventLog, options: ReadOptions, count: number): readonly StoredEvent[] | 'no-stream' {
  const stream = options.getStream()
  const own = log.stream(streamName(stream?.getStreamIdentifier()))
  if (own.length === 0) return 'no-stream'
  if (options.getReadDirection() === backwards) {
    const from = stream?.hasEnd()
      ? own.length - 1
      : stream?.hasStart()
        ? 0
        : Math.min(own.length - 1, Number(stream?.getRevision()))
    return own.slice(Math.max(0, from + 1 - count), from + 1).toReversed()
  }
  const from = stream?.hasStart() ? 0 : Number(stream?.getRevision())
  return own.slice(from, from + count)
}

function subscribe(service: ReadServiceOptions, call: ReadCall, options: ReadOptions): void {
  const { log } = service
  const matches = filterOf(options)
  const checkpointEvery = options.hasFilter() ? 32 * (options.getFilter()?.getCheckpointintervalmultiplier() ?? 1) : 0
  let next = startOf(log, options)
  let scanned = 0

  const confirmation = new streams.ReadResp()
  const confirmed = new streams.ReadResp.SubscriptionConfirmation()
  confirmed.setSubscriptionId('00000000-0000-4000-8000-000000000000')
  confirmation.setConfirmation(confirmed)
  call.write(confirmation)

  const deliver = (): void => {
    for (; next < log.all.length; next += 1) {
      const event = log.all[next]
      if (!event) return
      if (matches(event)) call.write(eventResponse(event))
      scanned += 1
      if (checkpointEvery > 0 && scanned % checkpointEvery === 0) call.write(checkpoint(event.position))
    }
  }
  deliver()
  const caughtUp = new streams.ReadResp()
  caughtUp.setCaughtUp(new streams.ReadResp.CaughtUp())
  call.write(caughtUp)

  const stopListening = log.onWrite(deliver)
  const stop = (): void => {
    stopListening()
    service.subscriptions.delete(subscription)
  }
  const subscription: Subscription = {
    dropTooSlow() {
      stop()
      fail(
        call,
        grpc.status.ABORTED,
        'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
      )
    },
  }
  service.subscriptions.add(subscription)
  call.on('cancelled', stop)
  call.on('error', stop)
}

/** Subscriptions are exclusive. */
function startOf(log: EventLog, options: ReadOptions): number {
  const all = options.getAll()
  const position = all?.getPosition()
  if (position) return log.indexFrom(BigInt(position.getCommitPosition()) + 1n)
  const stream = options.getStream()
  if (all?.hasEnd() || stream?.hasEnd()) return log.all.length
  const after = stream?.hasRevision() ? BigInt(stream.getRevision()) : -1n
  const name = streamName(stream?.getStreamIdentifier())
  const index = log.all.findIndex((event) => event.stream === name && event.revision > after)
  return stream && index > 0 ? index : 0
}

function filterOf(options: ReadOptions): (event: StoredEvent) => boolean {
  const stream = options.getStream()
  if (stream) {
    const name = streamName(stream.getStreamIdentifier())
    return (event) => event.stream === name
  }
  const filter = options.getFilter()
  if (!filter) return () => true
  const onStream = filter.getStreamIdentifier()
  const expression = onStream ?? filter.getEventType()
  const prefixes = expression?.getPrefixList() ?? []
  const regex = expression?.getRegex() ? new RegExp(expression.getRegex()) : undefined
  return (event) => {
    const subject = onStream ? event.stream : event.type
    return regex ? regex.test(subject) : prefixes.some((prefix) => subject.startsWith(prefix))
  }
}

function checkpoint(position: bigint): ReadResp {
  const response = new streams.ReadResp()
  const reached = new streams.ReadResp.Checkpoint()
  reached.setCommitPosition(`${position}`)
  reached.setPreparePosition(`${position}`)
  response.setCheckpoint(reached)
  return response
}

function eventResponse(event: StoredEvent): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
  const id = new shared.UUID()
  id.setString(event.id)
  recorded.setId(id)
  recorded.setStreamIdentifier(identifier(event.stream))
  recorded.setStreamRevision(`${event.revision}`)
  recorded.setCommitPosition(`${event.position}`)
  recorded.setPreparePosition(`${event.position}`)
  recorded.setData(event.data)
  recorded.setCustomMetadata(event.metadata)
  const about = recorded.getMetadataMap()
  about.set('type', event.type)
  about.set('content-type', event.contentType)
  // in ticks of 100 ns
  about.set('created', `${BigInt(event.created) * 10_000n}`)
  const found = new streams.ReadResp.ReadEvent()
  found.setEvent(recorded)
  found.setCommitPosition(`${event.position}`)
  const response = new streams.ReadResp()
  response.setEvent(found)
  return response
}

function fail(call: ReadCall, code: number, details: string): void {
  // the server library turns it into the call's status; destroying the call would send none
  call.emit('error', { code, details })
}
