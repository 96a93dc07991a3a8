import { batchAppend, unaryAppend } from './appendService.ts'
import { createEventLog, type EventLog } from './eventLog.ts'
import { createFaults, type Faults } from './faults.ts'
import { features, featuresService, grpc, streamsService } from './grpcDefinitions.ts'
import type { Callback, GrpcServer, SupportedMethods } from './grpcDefinitions.ts'
import { read, type Subscription } from './readService.ts'
import { openWire, type Wire } from './wire.ts'

/**
 * An EventStoreDB in this process that can fail on command. It speaks the client's own gRPC definitions over a real
 * socket, so the adapter under test and its client run unchanged. The log stays over `restart`.
 */
export interface EventStoreDbServer {
  readonly connectionString: string
  readonly log: EventLog
  readonly faults: Faults
  readonly wire: Wire
  /** Drops every live subscription as "Consumer too slow"; answers how many there were. */
  dropSubscriptions(): number
  /** live subscriptions */
  subscriptions(): number
  /** calls that the server is still working on: reads that a client left open */
  openReads(): number
  /** Kills the server and starts it again on the same port, with the log kept. `between` runs while it is down. */
  restart(between?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface EventStoreDbServerOptions {
  /** ms since 1970; the system clock by default */
  readonly now?: () => number
  readonly writeTimeout?: number
  /** ms, default 1 */
  readonly commitDelay?: number
}

export async function openEventStoreDbServer(options: EventStoreDbServerOptions = {}): Promise<EventStoreDbServer> {
  const log = createEventLog(options.now ?? Date.now)
  plantSystemEvents(log)
  const faults = createFaults()
  const subscriptions = new Set<Subscription>()
  const openReads = new Set<unknown>()
  let wire: Wire | undefined
  const breakConnections = (): void => wire?.breakConnections()

  const append = {
    log,
    faults,
    maxAppendSize: 1_048_576,
    writeTimeout: options.writeTimeout ?? 2_000,
    commitDelay: options.commitDelay ?? 1,
    breakConnections,
  }
  const readCall = read({ log, faults, breakConnections, subscriptions })
  const refuse = (_call: unknown, callback: Callback<never>): void =>
    callback({ code: grpc.status.UNIMPLEMENTED, details: 'not part of the in-process server' })

  const server: GrpcServer = new grpc.Server()
  server.addService(streamsService, {
    batchAppend: batchAppend(append),
    append: unaryAppend(append),
    read: (call: Parameters<typeof readCall>[0]) => {
      openReads.add(call)
      const done = (): void => void openReads.delete(call)
      call.on('finish', done).on('cancelled', done).on('error', done).on('close', done)
      readCall(call)
    },
    delete: refuse,
    tombstone: refuse,
  })
  server.addService(featuresService, {
    getSupportedMethods: (_call: unknown, callback: Callback<SupportedMethods>) => {
      const fault = faults.nextFeatures()
      if (fault) callback(fault)
      else callback(null, supportedMethods())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  wire = await openWire({ host: '127.0.0.1', port })
  const opened = wire

  return {
    connectionString: `esdb://127.0.0.1:${opened.port}?tls=false`,
    log,
    faults,
    wire: opened,
    dropSubscriptions() {
      const dropped = [...subscriptions]
      for (const subscription of dropped) subscription.dropTooSlow()
      return dropped.length
    },
    subscriptions: () => subscriptions.size,
    openReads: () => openReads.size,
    async restart(between) {
      await opened.down()
      await between?.()
      await opened.up()
    },
    async close() {
      await opened.close()
      server.forceShutdown()
    },
  }
}

/** What stands in every real log before and between the events of an application. */
export function plantSystemEvents(log: EventLog): void {
  const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
  const event = (id: number, type: string, data: unknown) => ({
    id: `00000000-0000-4000-8000-${(log.all.length * 10 + id).toString(16).padStart(12, '0')}`,
    type,
    contentType: 'application/json',
    data: bytes(data),
    metadata: new Uint8Array(),
  })
  log.append('$$$scavenges', 'any', [event(1, '$metadata', { $maxAge: 2_592_000 })])
  log.append('$users', 'any', [event(2, '$User', 'admin')])
  log.append('$$$stats-127.0.0.1:2113', 'any', [event(3, '$metadata', { $maxAge: 86_400 })])
}

function supportedMethods() {
  const methods = new features.SupportedMethods()
  methods.setEventStoreServerVersion('23.10.6')
  const method = (name: string, feature: string[]) => {
    const supported = new features.SupportedMethod()
    supported.setServiceName('event_store.client.streams.streams')
    supported.setMethodName(name)
    supported.setFeaturesList(feature)
    return supported
  }
  methods.setMethodsList([
    method('batchappend', ['deadline_duration']),
    method('append', []),
    method('read', ['position', 'events']),
  ])
  return methods
}
