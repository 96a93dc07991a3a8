import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { EmbeddedPostgresError } from '../../src/runtime/embeddedPostgres/embeddedPostgresError.ts'
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  freeDiskBytes,
  startEmbeddedPostgres,
} from '../../src/runtime/embeddedPostgres.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const project = fileURLToPath(new URL('../..', import.meta.url))
const isRoot = process.geteuid?.() === 0
const nobody = isRoot ? { uid: idOfNobody('-u'), gid: idOfNobody('-g') } : undefined

/** All data of one test file; `systemDirectory` keeps what root's server needs out of /var/lib. */
let home: string
let systemDirectory: string
let cases = 0
const started: EmbeddedPostgres[] = []
const children: ChildProcess[] = []

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'channel-ledger-postgres-')))
  await chmod(home, 0o755)
  systemDirectory = join(home, 'system')
  await buildLauncher()
})

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop()
  for (const child of children.splice(0)) await killParent(child)
})

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

describe('given an empty directory', () => {
  it('makes a database that answers, with safe settings, and keeps it over a restart', async () => {
    const dataDirectory = freshDirectory()
    const first = await start({ dataDirectory, unsafeForTests: false })
    expect(first.attached).toBe(false)
    await query(first, 'CREATE TABLE kept (n int)')
    await query(first, 'INSERT INTO kept VALUES (42)')
    expect(await settingsOf(first)).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      data_checksums: 'on',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '60',
      shared_buffers: '128MB',
      max_wal_size: '512MB',
      jit: 'off',
      idle_in_transaction_session_timeout: '1min',
      server_encoding: 'UTF8',
    })
    expect(
      await query(first, 'SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()'),
    ).toEqual([{ datlocprovider: 'b', datlocale: 'C.UTF-8' }])
    await first.stop()
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)

    const second = await start({ dataDirectory })
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 42 }])
  })

  it('keeps a random password from other accounts and lets nobody in without it', async () => {
    const server = await start({ dataDirectory: freshDirectory() })
    const passwordFile = join(server.dataDirectory, 'channel-ledger.password')
    expect((await stat(passwordFile)).mode & 0o777).toBe(0o600)
    expect((await stat(server.dataDirectory)).mode & 0o777).toBe(0o700)
    const stranger = { ...server, url: server.url.replace(/:[0-9a-f]{48}@/, ':guess@') }
    expect(stranger.url).not.toBe(server.url)
    await expect(query(stranger, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
  })

  it('runs initdb once when several starts race', async () => {
    const dataDirectory = freshDirectory()
    const steps: string[] = []
    const race = () => start({ dataDirectory, onProgress: ({ step }) => steps.push(step) })
    const servers = await Promise.all([race(), race(), race()])
    expect(servers.filter((server) => !server.attached)).toHaveLength(1)
    expect(new Set(servers.map((server) => server.url)).size).toBe(1)
    expect(steps.filter((step) => step === 'initialising')).toHaveLength(1)
  })

  it('runs initdb once when two processes race', async () => {
    const dataDirectory = freshDirectory()
    const [one, two] = await Promise.all([startParent({ dataDirectory }), startParent({ dataDirectory })])
    expect(one.server.attached).not.toBe(two.server.attached)
    expect(one.server.url).toBe(two.server.url)
  })

  it('takes over the lock of a process that died while starting', async () => {
    const dataDirectory = freshDirectory()
    const dead = spawn(process.execPath, ['-e', ''])
    await once(dead, 'exit')
    const first = await start({ dataDirectory })
    await first.stop()
    await writeFile(`${first.dataDirectory}.lock`, `${dead.pid} 0123456789abcdef\n`)
    const second = await start({ dataDirectory })
    expect(second.attached).toBe(false)
  })
})

describe('given a server that runs already', () => {
  it('attaches, and leaves it running on stop', async () => {
    const dataDirectory = freshDirectory()
    const { server: theirs } = await startParent({ dataDirectory })
    const ours = await start({ dataDirectory, database: 'another' })
    expect(ours).toMatchObject({ attached: true, pid: theirs.pid, port: theirs.port })
    expect(await query(ours, 'SELECT current_database() AS name')).toEqual([{ name: 'another' }])
    await ours.stop()
    expect(await query(theirs, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe('given a killed server', () => {
  it('recovers what was committed, twice in a row', async () => {
    const dataDirectory = freshDirectory()
    const first = await start({ dataDirectory, unsafeForTests: false })
    await query(first, 'CREATE TABLE kept (n int)')
    let current = first
    for (const n of [1, 2]) {
      await query(current, `INSERT INTO kept VALUES (${n})`)
      process.kill(current.pid, 'SIGKILL')
      await current.stop()
      current = await start({ dataDirectory, unsafeForTests: false })
      expect(current.attached).toBe(false)
    }
    expect(await query(current, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('starts although the pid in postmaster.pid now belongs to another program', async () => {
    const dataDirectory = freshDirectory()
    const first = await start({ dataDirectory })
    process.kill(first.pid, 'SIGKILL')
    await first.stop()
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { ...nobody, cwd: '/' })
    children.push(other)
    await once(other, 'spawn')
    const file = join(first.dataDirectory, 'postmaster.pid')
    const lines = (await readFile(file, 'utf8')).split('\n')
    await writeFile(file, [other.pid, ...lines.slice(1)].join('\n'))

    const second = await start({ dataDirectory })
    expect(second.attached).toBe(false)
    expect(isAlive(other.pid ?? 0)).toBe(true)
  })
})

describe.skipIf(process.platform === 'win32')('given a parent that dies by SIGKILL', () => {
  it('leaves no server behind and starts again, twice in a row', async () => {
    const dataDirectory = freshDirectory()
    for (const n of [1, 2]) {
      const { parent, server } = await startParent({ dataDirectory, unsafeForTests: false })
      expect(server.attached).toBe(false)
      await query(server, 'CREATE TABLE IF NOT EXISTS kept (n int)')
      await query(server, `INSERT INTO kept VALUES (${n})`)
      await killParent(parent)
      if (n === 1) await until('the orphan is gone', () => !isAlive(server.pid))
      // The second time the next start meets the orphan in the middle of its shutdown.
    }
    const last = await start({ dataDirectory })
    expect(last.attached).toBe(false)
    expect(await query(last, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('leaves no server behind without setpriv either', async () => {
    const path = join(home, 'empty-path')
    await mkdir(path, { recursive: true })
    const { parent, server } = await startParent({ dataDirectory: freshDirectory() }, { PATH: path })
    await killParent(parent)
    await until('the orphan is gone', () => !isAlive(server.pid))
    expect(await readFile(server.logFile, 'utf8')).toContain('received fast shutdown request')
  })

  it('leaves no half-made cluster behind when it dies in initdb', async () => {
    const dataDirectory = freshDirectory()
    const parent = spawnParent({ dataDirectory })
    for await (const line of linesOf(parent)) if (line.includes('"initialising"')) break
    await killParent(parent)
    const server = await start({ dataDirectory })
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe.skipIf(process.platform === 'win32')('given Ctrl-C in the terminal', () => {
  it('reaches only the parent, so that clients can finish first', async () => {
    const { parent, server } = await startParent({ dataDirectory: freshDirectory() })
    // The terminal signals one process group; the server leads another.
    expect(statusOf(server.pid)[1]).toBe(server.pid)
    expect(statusOf(parent.pid ?? 0)[1]).not.toBe(server.pid)
  })
})

describe('given a parent that ends without stopping the server', () => {
  it('is not kept alive by it, and the server ends too', async () => {
    const { parent, server } = await startParent({ dataDirectory: freshDirectory() })
    parent.stdin?.end('leave\n')
    if (parent.exitCode === null) await once(parent, 'exit')
    expect(parent.exitCode).toBe(0)
    await until('the server is gone', () => !isAlive(server.pid))
  })
})

describe('given a busy port', () => {
  it('takes the next free one, or refuses when told so', async () => {
    const blocker = createServer()
    blocker.listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    try {
      const address = blocker.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const dataDirectory = freshDirectory()
      await expect(start({ dataDirectory, port, whenPortIsBusy: 'refuse' })).rejects.toMatchObject({
        code: 'port-busy',
      })
      const server = await start({ dataDirectory, port })
      expect(server.port).toBeGreaterThan(port)
    } finally {
      blocker.close()
    }
  })
})

describe('given something that cannot be served', () => {
  it('refuses a directory with other files in it', async () => {
    const dataDirectory = freshDirectory()
    await mkdir(dataDirectory, { recursive: true })
    await writeFile(join(dataDirectory, 'letter.txt'), 'dear reader')
    await expect(start({ dataDirectory })).rejects.toMatchObject({ code: 'not-a-data-directory' })
    expect(await readFile(join(dataDirectory, 'letter.txt'), 'utf8')).toBe('dear reader')
  })

  it('says what to do when npm has not installed the binaries', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'channel-ledger-bare-'))
    try {
      await cp(join(home, 'dist'), join(bare, 'dist'), { recursive: true })
      await writeFile(join(bare, 'package.json'), '{ "type": "module" }')
      await mkdir(join(bare, 'node_modules'))
      for (const name of ['pg', 'zod']) {
        await symlink(join(project, 'node_modules', name), join(bare, 'node_modules', name))
      }
      const launcher = JSON.stringify(pathToFileURL(join(bare, 'dist/runtime/embeddedPostgres.js')))
      const options = JSON.stringify({ dataDirectory: freshDirectory(), systemDirectory })
      const script = `const { startEmbeddedPostgres } = await import(${launcher})
        await startEmbeddedPostgres(${options}).catch((error) => console.log(error.code, error.message))`
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
      expect(said).toMatch(/^platform-package-missing .*Set DATABASE_URL/)
    } finally {
      await rm(bare, { recursive: true, force: true })
    }
  })

  it('refuses the data of another major version', async () => {
    const dataDirectory = freshDirectory()
    const server = await start({ dataDirectory })
    await server.stop()
    await writeFile(join(server.dataDirectory, 'PG_VERSION'), '17\n')
    await expect(start({ dataDirectory })).rejects.toMatchObject({ code: 'wrong-version' })
  })

  it('shows what PostgreSQL said when it cannot start', async () => {
    const dataDirectory = freshDirectory()
    const server = await start({ dataDirectory })
    await server.stop()
    await writeFile(join(server.dataDirectory, 'postgresql.conf'), 'no_such_setting = 1\n')
    const failure = await start({ dataDirectory }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(EmbeddedPostgresError)
    expect(failure).toMatchObject({ code: 'start-failed', logTail: expect.stringContaining('no_such_setting') })
  })
})

describe.runIf(isRoot)('as root', () => {
  it('moves the data out of a directory that nobody can enter, always to the same place', async () => {
    const closed = join(home, 'closed-home')
    await mkdir(closed, { mode: 0o700 })
    const dataDirectory = join(closed, 'postgres')
    const first = await start({ dataDirectory })
    expect(dirname(dirname(first.dataDirectory))).toBe(systemDirectory)
    expect((await stat(first.dataDirectory)).uid).toBe(nobody?.uid)
    await query(first, 'CREATE TABLE kept (n int)')
    await first.stop()

    // Opening the home later must not make the data seem to vanish.
    await chmod(closed, 0o755)
    const second = await start({ dataDirectory })
    expect(second.dataDirectory).toBe(first.dataDirectory)
    expect(await query(second, 'SELECT n FROM kept')).toEqual([])
  })

  it('runs the server as nobody, where it was asked to when that place is open', async () => {
    const dataDirectory = freshDirectory()
    const server = await start({ dataDirectory })
    expect(server.dataDirectory).toBe(dataDirectory)
    expect((await stat(`/proc/${server.pid}`).catch(() => stat(server.dataDirectory))).uid).toBe(nobody?.uid)
  })

  it('refuses a system directory that another user planted', async () => {
    const planted = join(home, 'planted')
    await mkdir(planted)
    await chown(planted, nobody?.uid ?? 0, nobody?.gid ?? 0)
    const refused = start({ dataDirectory: freshDirectory(), systemDirectory: planted })
    await expect(refused).rejects.toMatchObject({ code: 'privileges' })
  })

  it('keeps working under a strict umask', async () => {
    const closed = join(home, 'strict')
    const options = { dataDirectory: join(closed, 'postgres'), systemDirectory: join(closed, 'system') }
    const { server } = await startParent({ ...options }, { TEST_UMASK: '077' })
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe.runIf(nobody !== undefined && canRunHere(nobody))('as an ordinary user', () => {
  it('uses the directory it was given, with the package folder read-only', async () => {
    const own = join(home, 'own')
    await mkdir(own)
    await chown(own, nobody?.uid ?? 0, nobody?.gid ?? 0)
    const dataDirectory = join(own, 'project', '.channel-ledger', 'postgres')
    const { parent, server } = await startParent({ dataDirectory }, {}, nobody)
    expect(server.dataDirectory).toBe(dataDirectory)
    expect(server.logFile).toBe(`${dataDirectory}.log`)
    expect((await stat(`/proc/${server.pid}`).catch(() => stat(dataDirectory))).uid).toBe(nobody?.uid)
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await killParent(parent)
    await until('the orphan is gone', () => !isAlive(server.pid))
  })

  it('says whose data it is when root has started it before', async () => {
    const server = await start({ dataDirectory: freshDirectory() })
    const { dataDirectory } = server
    await server.stop()
    const stranger = { uid: 54_321, gid: 54_321 }
    await expect(startParent({ dataDirectory }, {}, stranger)).rejects.toThrow('wrong-owner')
  })
})

describe('the log of the server', () => {
  it('is set aside when it has outgrown its limit', async () => {
    const dataDirectory = freshDirectory()
    await mkdir(dirname(dataDirectory))
    await writeFile(`${dataDirectory}.log`, Buffer.alloc(11 * 1024 * 1024, '\n'))
    const server = await start({ dataDirectory })
    expect((await stat(`${server.logFile}.1`)).size).toBe(11 * 1024 * 1024)
    expect((await stat(server.logFile)).size).toBeLessThan(64 * 1024)
  })
})

describe('freeDiskBytes', () => {
  it('answers for a directory that is yet to be made', async () => {
    const bytes = await freeDiskBytes(join(home, 'not', 'there', 'yet'))
    expect(bytes).toBeGreaterThan(0)
    expect(Number.isSafeInteger(bytes)).toBe(true)
  })
})

function freshDirectory(): string {
  cases += 1
  return join(home, `case-${cases}`, 'postgres')
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ unsafeForTests: true, systemDirectory, ...options })
  started.push(server)
  return server
}

async function query(server: Pick<EmbeddedPostgres, 'url'>, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url })
  // A killed server also reports to the client object.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function settingsOf(server: EmbeddedPostgres): Promise<Record<string, unknown>> {
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'data_checksums',
    'listen_addresses',
    'unix_socket_directories',
    'max_connections',
    'shared_buffers',
    'max_wal_size',
    'jit',
    'idle_in_transaction_session_timeout',
    'server_encoding',
  ]
  const rows = await query(server, `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`)
  return { ...Object(rows[0]) }
}

/** Node 20 cannot run TypeScript: the launcher is compiled once, for parents that are to be killed. */
async function buildLauncher(): Promise<void> {
  await symlink(join(project, 'node_modules'), join(home, 'node_modules'))
  const config = {
    extends: join(project, 'tsconfig.json'),
    compilerOptions: { noEmit: false, rootDir: join(project, 'src'), outDir: join(home, 'dist') },
    files: [join(project, 'src/runtime/embeddedPostgres.ts')],
    include: [],
  }
  await writeFile(join(home, 'package.json'), '{ "type": "module" }')
  await writeFile(join(home, 'tsconfig.json'), JSON.stringify(config))
  execFileSync(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), '-p', join(home, 'tsconfig.json')])
  await writeFile(
    join(home, 'parent.mjs'),
    `import { startEmbeddedPostgres } from './dist/runtime/embeddedPostgres.js'
if (process.env.TEST_UMASK) process.umask(Number.parseInt(process.env.TEST_UMASK, 8))
const say = (line) => console.log(JSON.stringify(line))
const options = JSON.parse(process.argv[2])
try {
  say({ server: await startEmbeddedPostgres({ ...options, onProgress: say }) })
} catch (error) {
  say({ failure: error.code ?? String(error) })
  process.exit(1)
}
for await (const line of process.stdin) break
process.stdin.destroy()
`,
  )
}

function spawnParent(options: EmbeddedPostgresOptions, env: Record<string, string> = {}, account = {}): ChildProcess {
  const everything = { unsafeForTests: true, systemDirectory, ...options }
  const parent = spawn(process.execPath, [join(home, 'parent.mjs'), JSON.stringify(everything)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: home,
    env: { ...process.env, ...env },
    ...account,
  })
  children.push(parent)
  return parent
}

async function startParent(
  options: EmbeddedPostgresOptions,
  env: Record<string, string> = {},
  account: { uid?: number; gid?: number } = {},
): Promise<{ parent: ChildProcess; server: Omit<EmbeddedPostgres, 'stop'> }> {
  const parent = spawnParent(options, env, account)
  for await (const line of linesOf(parent)) {
    const said: { server?: Omit<EmbeddedPostgres, 'stop'>; failure?: string } = JSON.parse(line)
    if (said.server !== undefined) return { parent, server: said.server }
    if (said.failure !== undefined) throw new Error(said.failure)
  }
  throw new Error(`the parent ended without a server (${parent.exitCode ?? parent.signalCode})`)
}

function linesOf(parent: ChildProcess): AsyncIterable<string> {
  if (parent.stdout === null) throw new Error('the parent was started without a pipe')
  return createInterface({ input: parent.stdout })
}

async function killParent(parent: ChildProcess): Promise<void> {
  if (parent.exitCode !== null || parent.signalCode !== null) return
  const exit = once(parent, 'exit')
  parent.kill('SIGKILL')
  await exit
}

async function until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms until ${what}`)
    await delay(20)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // An orphan whose new parent reaps nobody stays a zombie; it serves no more.
  return process.platform !== 'linux' || statusOf(pid)[0] !== 'Z'
}

/** State and process group; from /proc where there is one, since small images have no ps. */
function statusOf(pid: number): [state: string, group: number] {
  if (process.platform !== 'linux') {
    const said = execFileSync('/bin/ps', ['-o', 'stat=,pgid=', '-p', String(pid)], { encoding: 'utf8' })
    const [state = '', group = ''] = said.trim().split(/\s+/)
    return [state.slice(0, 1), Number.parseInt(group, 10)]
  }
  const [state = 'Z', , group = ''] = existsSync(`/proc/${pid}/stat`)
    ? (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [])
    : []
  return [state, Number.parseInt(group, 10)]
}

function idOfNobody(flag: '-u' | '-g'): number {
  return Number.parseInt(execFileSync('/usr/bin/id', [flag, 'nobody'], { encoding: 'utf8' }), 10)
}

/** A checkout in a closed home, or a node installed there, cannot be run by another user. */
function canRunHere(account: { uid: number; gid: number }): boolean {
  try {
    const script = `require('node:fs').readdirSync(${JSON.stringify(join(project, 'node_modules/pg'))})`
    execFileSync(process.execPath, ['-e', script], { ...account, cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
