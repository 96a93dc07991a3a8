import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import type { ServerAccount } from './serverAccount.ts'

/** How a child is ended when this process dies without a chance to do it: by the kernel, or by a small watching shell. */
export type ProcessGuard = 'kernel' | 'watchdog' | 'none'

/** The best guard this machine offers. */
export async function chooseGuard(): Promise<ProcessGuard> {
  if (process.platform === 'win32') return 'none'
  if (process.platform !== 'linux') return 'watchdog'
  try {
    // Tried, not looked up: busybox has a setpriv without this option.
    await promisify(execFile)('setpriv', ['--pdeathsig', 'INT', '/bin/sh', '-c', ':'])
    return 'kernel'
  } catch {
    return 'watchdog'
  }
}

/**
 * Starts a program of PostgreSQL, as `account` when given.
 *
 * - The account is changed before setpriv asks for the death signal: the kernel forgets the signal on a change of uid.
 * - The signal is asked for after the fork, so a parent that died in between would go unnoticed: hence the look at
 *   PPID. It also fires when the starting thread ends, so start from the main thread.
 * - In a session of its own, or Ctrl-C in the terminal would stop the database before its clients have finished.
 * - The environment is not inherited: it may hold secrets, and `nobody` can read that of its own processes.
 */
export function spawnGuarded(options: {
  readonly program: string
  readonly parameters: readonly string[]
  readonly account: ServerAccount | undefined
  readonly guard: ProcessGuard
  readonly deathSignal: 'INT' | 'KILL'
  /** Working directory; must be readable by the account, which our own may not be. */
  readonly directory: string
  readonly output: 'pipe' | number
  readonly environment?: Readonly<Record<string, string>>
}): ChildProcess {
  const onlyWithParent = '[ "$PPID" = "$0" ] && exec "$@"'
  const guarded = ['--pdeathsig', options.deathSignal, '/bin/sh', '-c', onlyWithParent, String(process.pid)]
  const [program, parameters] =
    options.guard === 'kernel'
      ? ['setpriv', [...guarded, options.program, ...options.parameters]]
      : [options.program, options.parameters]
  try {
    return spawn(program, parameters, {
      cwd: options.directory,
      env: { ...baseEnvironment(), ...options.environment },
      stdio: ['ignore', options.output, options.output],
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...options.account,
    })
  } catch (cause) {
    if (options.account === undefined) throw cause
    throw rootIsRestricted(cause)
  }
}

/**
 * A shell that waits for the end of this process (its input closes) and then asks the server to shut down, provided
 * that the pid still is the postmaster's. For systems whose kernel has no death signal. Returns how to dismiss it.
 */
export function startWatchdog(pid: number, dataDirectory: string, account: ServerAccount | undefined): () => void {
  const script = 'read _; read pid <"$1/postmaster.pid" && [ "$pid" = "$0" ] && kill -INT "$pid"'
  const watchdog = spawn('/bin/sh', ['-c', script, String(pid), dataDirectory], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...account,
  })
  watchdog.on('error', () => undefined)
  watchdog.unref()
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref()
  return () => {
    watchdog.kill('SIGKILL')
  }
}

export function rootIsRestricted(cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'privileges',
    'PostgreSQL refuses to run as root, and this root may not start or own anything as "nobody" (a restricted ' +
      'container?): start as an ordinary user, or set DATABASE_URL',
    { cause },
  )
}

function baseEnvironment(): NodeJS.ProcessEnv {
  const neutral = { LC_ALL: 'C', TZ: 'UTC' }
  // Windows programs do not start without parts of it (SystemRoot, TEMP).
  if (process.platform === 'win32') return { ...process.env, ...neutral }
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...neutral }
}
