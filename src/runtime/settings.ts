import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { answerChecks } from '../api/answerCheck.ts'

/** One setting: where it comes from, what it must look like, what it is when nobody says. */
interface Setting {
  readonly env: string
  readonly schema: z.ZodType
  readonly description: string
  /** never printed; may be given by file as `<env>_FILE` */
  readonly secret?: true
}

const count = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && +text >= min && +text <= max, `a whole number from ${min} to ${max}`)
    .transform(Number)
const port = count(0, 65_535)
const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')
const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      (text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)),
      `an address starting with ${schemes.join(':// or ')}://`,
    )
const key32 = z
  .string()
  .refine(
    (text) => /^[A-Za-z0-9+/]{43}=$/.test(text), // Buffer.from skips what is not base64: half a key would count as one
    '32 bytes in base64, such as `openssl rand -base64 32` prints',
  )
  .transform((text) => Buffer.from(text, 'base64'))

/** The one table of settings. `channel-ledger config` prints it, docs/operations.md shows it. */
const table = {
  mode: {
    env: 'CHANNEL_LEDGER_MODE',
    schema: z.enum(['development', 'production']).default('development'),
    description: 'production refuses default secrets, demonstration sign-ins and a missing token issuer',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: url('postgres', 'postgresql').optional(),
    description: 'PostgreSQL 15 or later; without it an embedded server runs in the data directory',
    secret: true,
  },
  eventStoreUrl: {
    env: 'EVENTSTORE_URL',
    schema: url('esdb', 'esdb+discover', 'kurrentdb').optional(),
    description: 'EventStoreDB 23.10 or later for the log; without it the log lives in PostgreSQL',
    secret: true,
  },
  redisUrl: {
    env: 'REDIS_URL',
    schema: url('redis', 'rediss').optional(),
    description: 'Redis 6.2 or later for jobs; without it jobs live in PostgreSQL',
    secret: true,
  },
  keyDatabaseUrl: {
    env: 'CHANNEL_LEDGER_KEY_DATABASE_URL',
    schema: url('postgres', 'postgresql').optional(),
    description:
      'database for the keys of personal data, with a backup retention of its own; without it a schema of the main database',
    secret: true,
  },
  dataDirectory: {
    env: 'CHANNEL_LEDGER_DATA',
    schema: z.string().min(1).default('.channel-ledger'),
    description: 'where the embedded server and the generated secrets of development live',
  },
  host: {
    env: 'CHANNEL_LEDGER_HOST',
    schema: z.string().min(1).default('127.0.0.1'),
    description: 'address the API listens on',
  },
  port: {
    env: 'CHANNEL_LEDGER_PORT',
    schema: port.optional(),
    description: 'port of the API; without it 8080, or the next free one',
  },
  metricsPort: {
    env: 'CHANNEL_LEDGER_METRICS_PORT',
    schema: port.optional(),
    description: 'loopback port of /metrics; without it 9464, or the next free one',
  },
  databasePort: {
    env: 'CHANNEL_LEDGER_DATABASE_PORT',
    schema: port.optional(),
    description: 'port of the embedded server; without it any free one',
  },
  logLevel: {
    env: 'CHANNEL_LEDGER_LOG_LEVEL',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    description: 'least level that is logged',
  },
  masterKey: {
    env: 'CHANNEL_LEDGER_MASTER_KEY',
    schema: key32.optional(),
    description:
      'key that wraps the keys of personal data and signs webhooks and sessions; generated in the data directory in development',
    secret: true,
  },
  oidcIssuer: {
    env: 'CHANNEL_LEDGER_OIDC_ISSUER',
    schema: url('https', 'http').optional(),
    description: 'issuer of bearer tokens; its JWKS is discovered',
  },
  oidcAudience: {
    env: 'CHANNEL_LEDGER_OIDC_AUDIENCE',
    schema: z.string().min(1).optional(),
    description: 'audience that bearer tokens must name',
  },
  companyId: {
    env: 'CHANNEL_LEDGER_COMPANY',
    schema: z.string().min(1).max(64).default('acme'),
    description: 'legal entity of documents that name none',
  },
  rateLimitPerMinute: {
    env: 'CHANNEL_LEDGER_RATE_LIMIT',
    schema: count(1, 1_000_000).default(1200),
    description: 'requests a minute per key and route',
  },
  checkAnswers: {
    env: 'CHANNEL_LEDGER_CHECK_ANSWERS',
    schema: z.enum(answerChecks).default('report'),
    description:
      'an answer that is not as its schema says: refuse (an error), report (a log line) or off (none is looked at)',
  },
  maxConcurrentRequests: {
    env: 'CHANNEL_LEDGER_MAX_REQUESTS',
    schema: count(1, 10_000).default(256),
    description: 'requests at work or waiting at once; more are answered 503',
  },
  commandsAtWork: {
    env: 'CHANNEL_LEDGER_COMMANDS_AT_WORK',
    schema: count(1, 10_000).default(32),
    description:
      'most commands worked on at once; fewer when more only slow each other down; the others wait a moment or are answered 503',
  },
  queriesAtWork: {
    env: 'CHANNEL_LEDGER_QUERIES_AT_WORK',
    schema: count(1, 10_000).default(16),
    description: 'most queries worked on at once, as above',
  },
  maxLiveClients: {
    env: 'CHANNEL_LEDGER_MAX_LIVE_CLIENTS',
    schema: count(1, 10_000).default(200),
    description: 'live event streams (SSE) at once',
  },
  drainSeconds: {
    env: 'CHANNEL_LEDGER_DRAIN_SECONDS',
    schema: count(0, 5).default(2),
    description: 'how long requests are still taken after SIGTERM, so that a load balancer sees /readyz say no',
  },
  readyWithinSeconds: {
    env: 'CHANNEL_LEDGER_READY_WITHIN',
    schema: count(1, 86_400).default(30),
    description: 'seconds a read model may be behind before /readyz says no',
  },
  readerConnections: {
    env: 'CHANNEL_LEDGER_READER_CONNECTIONS',
    schema: count(1, 100).default(6),
    description: 'connections for queries',
  },
  projectionConnections: {
    env: 'CHANNEL_LEDGER_PROJECTION_CONNECTIONS',
    schema: count(2, 20).default(3),
    description: 'connections that feed read models',
  },
  jobConnections: {
    env: 'CHANNEL_LEDGER_JOB_CONNECTIONS',
    schema: count(4, 40).default(12),
    description: 'connections of the job queue on PostgreSQL',
  },
  logConnections: {
    env: 'CHANNEL_LEDGER_LOG_CONNECTIONS',
    schema: count(3, 40).default(6),
    description: 'connections of the log on PostgreSQL: writer, readers, bell',
  },
  workerConcurrency: {
    env: 'CHANNEL_LEDGER_WORKER_CONCURRENCY',
    schema: count(1, 64).default(8),
    description: 'jobs under way at once in a worker',
  },
  analystLogins: {
    env: 'CHANNEL_LEDGER_ANALYST_LOGINS',
    schema: flag.optional(),
    description:
      'analysts may sign in to the database (needs a superuser in DATABASE_URL); without it only to the embedded server',
  },
  analystConnections: {
    env: 'CHANNEL_LEDGER_ANALYST_CONNECTIONS',
    schema: count(1, 100).default(12),
    description: 'connections of all analysts to the database together; max_connections has to leave room for them',
  },
  unsafeForTests: {
    env: 'CHANNEL_LEDGER_UNSAFE_FOR_TESTS',
    schema: flag.default(false),
    description: 'starts although the database may lose acknowledged writes; said at every start',
  },
} as const satisfies Record<string, Setting>

export type Settings = { readonly [Name in keyof typeof table]: z.infer<(typeof table)[Name]['schema']> }

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks all settings at once; the error names every mistake, unknown names included, and no value of a secret. */
export function readSettings(
  environment: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const mistakes = unknownNames(environment)
  const values: Record<string, unknown> = {}
  const wrong = new Set<string>()
  for (const [name, setting] of Object.entries<Setting>(table)) {
    try {
      values[name] = setting.schema.parse(rawValue(setting, environment, readFile))
    } catch (error) {
      wrong.add(name)
      mistakes.push(`${setting.env}: ${reasonOf(error)}`)
    }
  }
  // each value was parsed by its own schema; of those that were not, nothing more is said
  const settings = values as Settings
  for (const { names, mistake } of missingTogether(settings))
    if (!names.some((name) => wrong.has(name))) mistakes.push(mistake)
  if (mistakes.length > 0)
    throw new SettingsError(`the settings are not right:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
  return settings
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues.map((issue) => issue.message).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** An empty variable counts as none: compose files pass on what was never set that way. */
function rawValue(setting: Setting, environment: Environment, readFile: (path: string) => string): string | undefined {
  const direct = environment[setting.env] || undefined
  const file = (setting.secret && environment[`${setting.env}_FILE`]) || undefined
  if (file === undefined) return direct
  if (direct !== undefined) throw new Error(`give it directly or by ${setting.env}_FILE, not both`)
  const value = readFile(file).trim()
  if (value === '') throw new Error(`${file} is empty`)
  return value
}

function unknownNames(environment: Environment): string[] {
  const settings = Object.values<Setting>(table)
  const known = new Set(settings.flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env])))
  return Object.keys(environment)
    .filter(
      (name) =>
        name.startsWith('CHANNEL_LEDGER_') &&
        !name.startsWith('CHANNEL_LEDGER_TEST_') &&
        name !== 'CHANNEL_LEDGER_LONG' &&
        !known.has(name),
    )
    .map((name) => {
      const plain = name.replace(/_FILE$/, '')
      if (known.has(plain)) return `${name}: only secrets are read from a file; set ${plain}`
      const [near] = [...known].toSorted((a, b) => distance(a, name) - distance(b, name))
      const isNear = near !== undefined && distance(near, name) <= 3
      return `${name} is not a setting${isNear ? `; did you mean ${near}?` : ''}`
    })
}

interface Missing {
  /** the settings it is about */
  readonly names: readonly (keyof Settings)[]
  readonly mistake: string
}

/** What is right setting by setting and not together. */
function missingTogether(settings: Settings): Missing[] {
  const { mode, databaseUrl, masterKey, oidcIssuer, oidcAudience, unsafeForTests } = settings
  const isProduction = mode === 'production'
  const missing: Missing[] = []
  if (isProduction && !databaseUrl)
    missing.push({
      names: ['databaseUrl'],
      mistake: 'DATABASE_URL: production needs a maintained server; the embedded one is for trial and development',
    })
  if (isProduction && !masterKey)
    missing.push({ names: ['masterKey'], mistake: 'CHANNEL_LEDGER_MASTER_KEY: production needs one of its own' })
  if (isProduction ? !oidcIssuer || !oidcAudience : !oidcIssuer !== !oidcAudience)
    missing.push({
      names: ['oidcIssuer', 'oidcAudience'],
      mistake: `CHANNEL_LEDGER_OIDC_ISSUER and CHANNEL_LEDGER_OIDC_AUDIENCE: ${isProduction ? 'production needs a token issuer' : 'one without the other lets nobody in'}`,
    })
  if (isProduction && unsafeForTests)
    missing.push({ names: ['unsafeForTests'], mistake: 'CHANNEL_LEDGER_UNSAFE_FOR_TESTS: not in production' })
  return missing
}

/** Levenshtein distance, for near misses of names. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(
        (row[j - 1] ?? 0) + 1,
        (previous[j] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    }
    previous = row
  }
  return previous[b.length] ?? 0
}

export interface SettingLine {
  readonly name: string
  readonly env: string
  readonly value: string
  readonly given: boolean
  /** never shown; may be given by file as `<env>_FILE` */
  readonly secret: boolean
  readonly description: string
}

/** All settings with their values, secrets hidden. */
export function describeSettings(settings: Settings, environment: Environment): SettingLine[] {
  return Object.entries<Setting>(table).map(([name, { env, secret, description }]) => {
    const value = settings[name as keyof Settings] // the names of the table
    const shown = value === undefined ? '' : secret ? '(secret)' : String(value)
    return {
      name,
      env,
      value: shown,
      given: Boolean(environment[env] || environment[`${env}_FILE`]),
      secret: secret === true,
      description,
    }
  })
}
