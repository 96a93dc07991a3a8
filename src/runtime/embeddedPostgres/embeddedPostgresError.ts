export type EmbeddedPostgresErrorCode =
  | 'platform-package-missing'
  | 'binaries-unusable'
  | 'privileges'
  | 'not-a-data-directory'
  | 'wrong-version'
  | 'wrong-owner'
  | 'password-missing'
  | 'port-busy'
  | 'start-in-progress'
  | 'previous-server-still-running'
  | 'initdb-failed'
  | 'start-failed'
  | 'stop-failed'

/** Every way the launcher can fail. `logTail` is the end of what PostgreSQL itself said, empty when it said nothing. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
  readonly code: EmbeddedPostgresErrorCode
  readonly logTail: string

  constructor(code: EmbeddedPostgresErrorCode, message: string, details: { logTail?: string; cause?: unknown } = {}) {
    const logTail = details.logTail?.trim() ?? ''
    super(logTail === '' ? message : `${message}\n${logTail}`, { cause: details.cause })
    this.code = code
    this.logTail = logTail
  }
}
