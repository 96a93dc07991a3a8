import { execFile, type ExecFileOptions } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { appendFile, chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../src/runtime/embeddedPostgres/freePort.ts'
import { serverAccount } from '../../src/runtime/embeddedPostgres/serverAccount.ts'

const installed = '/usr/lib/postgresql'

/** The programs of an installed PostgreSQL, as Debian lays them; undefined without one. */
export const postgresPrograms: string | undefined = (existsSync(installed) ? readdirSync(installed) : [])
  .toSorted((a, b) => Number(b) - Number(a))
  .map((version) => join(installed, version, 'bin'))
  .find((directory) => ['initdb', 'pg_ctl', 'pg_basebackup'].every((name) => existsSync(join(directory, name))))

export interface RealPostgres {
  readonly url: string
  readonly directory: string
  start(): Promise<void>
  /** `immediate`: as if the power had gone */
  stop(mode: 'fast' | 'immediate'): Promise<void>
}

/** Runs a program of PostgreSQL, which refuses root: as root it runs as `nobody`. */
export async function runProgram(name: string, parameters: readonly string[]): Promise<string> {
  if (postgresPrograms === undefined) throw new Error('no PostgreSQL is installed')
  const account = await serverAccount()
  const options: ExecFileOptions = { ...account, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, cwd: '/' }
  const { stdout } = await promisify(execFile)(join(postgresPrograms, name), parameters, options)
  return stdout.toString()
}

/** A directory that the server's account may write. */
export async function serverDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const account = await serverAccount()
  if (account) await chown(path, account.uid, account.gid)
  return path
}

/** A cluster in `directory`, made anew unless it is there already; `settings` are lines of postgresql.conf. */
export async function openRealPostgres(directory: string, settings: readonly string[]): Promise<RealPostgres> {
  const isNew = !existsSync(join(directory, 'PG_VERSION'))
  if (isNew) {
    await serverDirectory(directory)
    await runProgram('initdb', [
      '-D',
      directory,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '-N',
    ])
  }
  const port = await freePort(20_000 + Math.floor(Math.random() * 10_000), 'next')
  const lines = [`port = ${port}`, `listen_addresses = '127.0.0.1'`, `unix_socket_directories = ''`, ...settings]
  await appendFile(join(directory, 'postgresql.conf'), `${lines.join('\n')}\n`)
  await chmod(directory, 0o700)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    directory,
    start: async () => {
      await runProgram('pg_ctl', ['-D', directory, '-l', join(directory, 'server.log'), '-w', '-t', '60', 'start'])
    },
    stop: async (mode) => {
      await runProgram('pg_ctl', ['-D', directory, '-m', mode, '-w', 'stop'])
    },
  }
}
