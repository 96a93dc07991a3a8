import type { Role, Right } from '../domain/access/role.ts'
import type { LedgerCommandHandler } from '../ledger/commandHandler.ts'
import type { IdSources } from '../ledger/commandIds.ts'
import type { EventRegistry } from '../ledger/eventRegistry.ts'
import type { EventStore } from '../ledger/eventStore.ts'
import type { Keyring } from '../ledger/personal/keyring.ts'
import type { AnalystView } from '../projections/analytics/analystViews.ts'
import type { ViewExport } from '../projections/analytics/exportView.ts'
import type { Goods } from '../projections/models/claims/openGoods.ts'
import type { Reader } from '../projections/engine/ask.ts'
import type { ReadModel } from '../projections/engine/factTable.ts'
import type { ParkedEvent } from '../projections/engine/parking.ts'
import type { ModelStatus } from '../projections/engine/status.ts'
import type { AnswerCheck } from './answerCheck.ts'
import type { Directory } from './directory.ts'
import type { Metrics } from './metrics.ts'

/** Who calls: from a token, a key or a demonstration sign-in. */
export interface Principal {
  /** pseudonymous: the actor of its events */
  readonly id: string
  readonly role: Role
  /** a dealer's staff only */
  readonly dealerId?: string
  readonly rights: readonly Right[]
  /** an analyst who is bound to the dealers of these territories */
  readonly territories?: readonly string[]
}

/** What the API needs of the rest; `runtime` wires it. */
export interface ApiPorts extends IdSources {
  readonly handler: LedgerCommandHandler
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly keyring: Keyring
  readonly readerOf: (model: ReadModel) => Reader
  /** the goods that claims rest on; the claims read model when absent */
  readonly goods?: Goods
  /** who a key or an identity belongs to; the access read model when absent */
  readonly directory?: Directory
  /** all rows of a view of analysts that somebody bound to these territories may read; null: to none */
  readonly exportView: (view: AnalystView, territories: readonly string[] | null) => Promise<ViewExport>
  readonly projections: ProjectionAdministration
  /** jobs waiting, at work and dead, as `<queue>.<state>`; for the metrics */
  readonly jobCounts: () => Promise<Readonly<Record<string, number>>>
  /** the signing secret of a webhook, shown where it is made */
  readonly webhookSecret: (webhookId: string, secretId: string) => string
  readonly metrics: Metrics
  /** the disk is nearly full: commands are refused, reads go on */
  readonly isReadOnly: () => boolean
  /** true while the process shuts down: readiness says so */
  readonly isDraining: () => boolean
  /** what the start page shows of the demonstration channel; undefined without one */
  readonly demonstration?: () => {
    readonly done: number
    readonly total: number
    readonly principals: readonly DemonstrationPrincipal[]
  }
  readonly settings: ApiSettings
}

export interface ProjectionAdministration {
  status(): Promise<readonly ModelStatus[]>
  /** by ledger position, at most `limit` */
  parked(limit: number): Promise<readonly ParkedEvent[]>
  /** Applies the parked events of a stream again; how many. Throws what the first failing one threw. */
  retry(model: ReadModel, stream: string): Promise<number>
  /** Gives up one parked event for good; false when it is not parked. */
  skip(model: ReadModel, position: bigint, by: string): Promise<boolean>
}

export interface DemonstrationPrincipal extends Principal {
  readonly name: string
}

export interface ApiSettings {
  readonly version: string
  readonly mode: 'development' | 'production'
  readonly companyId: string
  readonly logLevel: string
  /** where log lines go; standard output when absent */
  readonly logTo?: { write(line: string): void }
  readonly checkAnswers: AnswerCheck
  readonly rateLimitPerMinute: number
  /** at work or waiting, of both kinds */
  readonly maxConcurrentRequests: number
  /** at work at the same time; more wait for a moment or are turned away */
  readonly commandsAtWork: number
  readonly queriesAtWork: number
  /** live streams at the same time */
  readonly maxLiveClients: number
  /** not ready while an active read model is further behind, in seconds */
  readonly readyWithinSeconds: number
  /** 32 bytes: makes API keys, signs cursors and demonstration sessions, and nothing else */
  readonly accessKey: Buffer
  readonly oidc?: { readonly issuer: string; readonly audience: string }
}
