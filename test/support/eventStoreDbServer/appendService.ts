import type { AppendAnswer, EventLog, Expected, ProposedEvent } from './eventLog.ts'
import type { AppendFault, Faults } from './faults.ts'
import { grpc, protobufAny, protobufEmpty, shared, status, streams } from './grpcDefinitions.ts'
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  Callback,
  DuplexStream,
  ReadableStream,
} from './grpcDefinitions.ts'

type Message = InstanceType<(typeof streams)['BatchAppendReq']['ProposedMessage']>
type BatchOptions = InstanceType<(typeof streams)['BatchAppendReq']['Options']>
type BatchCall = DuplexStream<BatchAppendReq, BatchAppendResp>

interface Pending {
  readonly options: BatchOptions
  readonly events: ProposedEvent[]
  size: number
}

export interface AppendServiceOptions {
  readonly log: EventLog
  readonly faults: Faults
  readonly maxAppendSize: number
  /** the server's own write timeout: what is not final by then is answered with a timeout */
  readonly writeTimeout: number
  /** from the decision on an append until its events can be read and it is answered, ms */
  readonly commitDelay: number
  readonly breakConnections: () => void
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The BatchAppend call: many appends over one duplex stream, answered by correlation id. */
export function batchAppend(service: AppendServiceOptions): (call: BatchCall) => void {
  return (call) => {
    const pending = new Map<string, Pending>()

    const answer = (id: string, stream: string, fill: (response: BatchAppendResp) => void): void => {
      const response = new streams.BatchAppendResp()
      response.setCorrelationId(uuidMessage(id))
      response.setStreamIdentifier(identifier(stream))
      fill(response)
      if (!call.destroyed && !call.writableEnded) call.write(response)
    }
    const fail = (id: string, stream: string, error: ReturnType<typeof failure>): void =>
      answer(id, stream, (response) => response.setError(error))
    const finish = (id: string, { options, events }: Pending): void => {
      const stream = streamName(options.getStreamIdentifier())
      const fault = service.faults.nextAppend()
      if (
        fault &&
        endsEarly(fault, service, call, () =>
          fail(id, stream, failure('Server Is Not Ready', new protobufEmpty.Empty(), 'google.protobuf.Empty')),
        )
      )
        return
      const expected = expectedOf(options)
      decideAndCommit(service, fault, stream, expected, events, (result) => {
        if (result.written) answer(id, stream, (response) => response.setSuccess(success(result)))
        else fail(id, stream, wrongVersion(expected, result.actual))
      })
    }

    call.on('data', (request: BatchAppendReq) => {
      const id = request.getCorrelationId()?.getString() ?? ''
      const options = request.getOptions()
      if (options) {
        pending.set(id, { options, events: [], size: 0 })
        setTimeout(() => {
          const late = pending.get(id)
          if (!late || !pending.delete(id)) return
          fail(
            id,
            streamName(late.options.getStreamIdentifier()),
            failure('Timeout', new shared.Timeout(), 'event_store.client.Timeout'),
          )
        }, service.writeTimeout).unref()
      }
      const held = pending.get(id)
      if (!held) return
      const stream = streamName(held.options.getStreamIdentifier())
      const events = request.getProposedMessagesList().map(proposed)
      // A bad request is answered at once and stays pending, so that the timeout answers it again: eventstoredb.md §1, row 1.
      if (stream === '' || events.some((event) => !uuid.test(event.id) || event.type === '')) {
        fail(id, stream, failure('BadRequest', new shared.BadRequest(), 'event_store.client.BadRequest'))
        return
      }
      held.events.push(...events)
      // The real server counts data only (a slip of operator precedence in `Event.SizeOnDisk`).
      held.size += events.reduce((sum, event) => sum + event.data.length, 0)
      if (held.size > service.maxAppendSize) {
        pending.delete(id)
        const limit = new shared.MaximumAppendSizeExceeded()
        limit.setMaxappendsize(service.maxAppendSize)
        fail(id, stream, failure('MaximumAppendSizeExceeded', limit, 'event_store.client.MaximumAppendSizeExceeded'))
        return
      }
      if (request.getIsFinal() && pending.delete(id)) finish(id, held)
    })
    call.on('end', () => call.end())
    call.on('error', () => pending.clear())
  }
}

/** The unary Append call, which the client takes when a call carries credentials. */
export function unaryAppend(service: AppendServiceOptions) {
  return (call: ReadableStream<AppendReq, AppendResp>, callback: Callback<AppendResp>): void => {
    let options: InstanceType<(typeof streams)['AppendReq']['Options']> | undefined
    const events: ProposedEvent[] = []
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions()
      const message = request.getProposedMessage()
      if (message) events.push(proposed(message))
    })
    call.on('error', () => undefined)
    call.on('end', () => {
      if (!options || events.some((event) => !uuid.test(event.id) || event.type === '')) {
        return callback({ code: grpc.status.UNKNOWN, details: 'Exception was thrown by handler.' })
      }
      const fault = service.faults.nextAppend()
      if (fault?.kind === 'status') return callback(fault)
      if (
        fault &&
        endsEarly(fault, service, undefined, () =>
          callback({ code: grpc.status.UNAVAILABLE, details: 'Server Is Not Ready' }),
        )
      )
        return
      const stream = streamName(options.getStreamIdentifier())
      const expected: Expected = options.hasNoStream()
        ? 'no_stream'
        : options.hasAny()
          ? 'any'
          : options.hasStreamExists()
            ? 'stream_exists'
            : BigInt(options.getRevision())
      decideAndCommit(service, fault, stream, expected, events, (result) => {
        const response = new streams.AppendResp()
        if (result.written) {
          const ok = new streams.AppendResp.Success()
          const position = new streams.AppendResp.Position()
          position.setCommitPosition(`${result.position}`)
          position.setPreparePosition(`${result.position}`)
          ok.setCurrentRevision(`${result.revision}`)
          ok.setPosition(position)
          response.setSuccess(ok)
        } else {
          const wrong = new streams.AppendResp.WrongExpectedVersion()
          if (typeof result.actual === 'bigint') wrong.setCurrentRevision(`${result.actual}`)
          else wrong.setCurrentNoStream(new shared.Empty())
          if (typeof expected === 'bigint') wrong.setExpectedRevision(`${expected}`)
          else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty())
          else wrong.setExpectedAny(new shared.Empty())
          response.setWrongExpectedVersion(wrong)
        }
        callback(null, response)
      })
    })
  }
}

/** True when the fault ends the call before anything is written. */
function endsEarly(
  fault: AppendFault,
  service: AppendServiceOptions,
  call: BatchCall | undefined,
  notReady: () => void,
): boolean {
  switch (fault.kind) {
    case 'drop':
      service.breakConnections()
      return true
    case 'hang':
      return true
    case 'not-ready':
      notReady()
      return true
    case 'status':
      call?.emit('error', { code: fault.code, details: fault.details })
      return true
    default:
      return false
  }
}

function decideAndCommit(
  service: AppendServiceOptions,
  fault: AppendFault | undefined,
  stream: string,
  expected: Expected,
  events: readonly ProposedEvent[],
  reply: (answer: AppendAnswer) => void,
): void {
  const { answer, commit } = service.log.propose(stream, expected, events)
  if (!answer.written) return afterwards(fault, service, () => reply(answer))
  setTimeout(() => {
    commit()
    afterwards(fault, service, () => reply(answer))
  }, service.commitDelay)
}

function afterwards(fault: AppendFault | undefined, service: AppendServiceOptions, reply: () => void): void {
  switch (fault?.kind) {
    case 'lose-reply':
      return service.breakConnections()
    case 'swallow-reply':
      return
    case 'delay':
      setTimeout(reply, fault.milliseconds).unref()
      return
    case 'answer-twice':
      reply()
      return reply()
    default:
      return reply()
  }
}

function proposed(message: Message | InstanceType<(typeof streams)['AppendReq']['ProposedMessage']>): ProposedEvent {
  const about = message.getMetadataMap()
  return {
    id: (message.getId()?.getString() ?? '').toLowerCase(),
    type: about.get('type') ?? '',
    contentType: about.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  }
}

function expectedOf(options: BatchOptions): Expected {
  if (options.hasNoStream()) return 'no_stream'
  if (options.hasAny()) return 'any'
  if (options.hasStreamExists()) return 'stream_exists'
  return BigInt(options.getStreamPosition())
}

function success(result: AppendAnswer & { written: true }) {
  const ok = new streams.BatchAppendResp.Success()
  const position = new shared.AllStreamPosition()
  position.setCommitPosition(`${result.position}`)
  position.setPreparePosition(`${result.position}`)
  ok.setCurrentRevision(`${result.revision}`)
  ok.setPosition(position)
  return ok
}

function wrongVersion(expected: Expected, actual: bigint | 'no_stream') {
  const wrong = new shared.WrongExpectedVersion()
  if (typeof actual === 'bigint') wrong.setCurrentStreamRevision(`${actual}`)
  else wrong.setCurrentNoStream(new protobufEmpty.Empty())
  if (typeof expected === 'bigint') wrong.setExpectedStreamPosition(`${expected}`)
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new protobufEmpty.Empty())
  else if (expected === 'any') wrong.setExpectedAny(new protobufEmpty.Empty())
  else wrong.setExpectedStreamExists(new protobufEmpty.Empty())
  return failure('WrongExpectedVersion', wrong, 'event_store.client.WrongExpectedVersion')
}

function failure(message: string, details: { serializeBinary(): Uint8Array }, type: string) {
  const error = new status.Status()
  const any = new protobufAny.Any()
  any.pack(details.serializeBinary(), type)
  error.setMessage(message)
  error.setDetails(any)
  return error
}

function uuidMessage(id: string) {
  const message = new shared.UUID()
  message.setString(id)
  return message
}

export function identifier(stream: string) {
  const message = new shared.StreamIdentifier()
  message.setStreamName(Buffer.from(stream, 'utf8').toString('base64'))
  return message
}

export function streamName(message: InstanceType<(typeof shared)['StreamIdentifier']> | undefined): string {
  return message ? Buffer.from(message.getStreamName_asU8()).toString('utf8') : ''
}
