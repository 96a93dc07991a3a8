import { hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Settings } from './settings.ts'

/** Keys for different purposes, all derived from one master key: losing or changing one purpose's use never weakens another. */
export interface Secrets {
  /** wraps the keys of persons */
  readonly kek: Buffer
  /** signs webhook deliveries */
  readonly webhooks: Buffer
  /** makes API keys and signs demonstration sessions */
  readonly access: Buffer
}

/** From the setting; in development from a file in the data directory, made on the first start (mode 0600). */
export function loadSecrets(settings: Pick<Settings, 'masterKey' | 'dataDirectory'>): Secrets {
  const master = settings.masterKey ?? developmentKey(join(settings.dataDirectory, 'master.key'))
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `channel-ledger/${purpose}`, 32))
  return { kek: derive('personal-data'), webhooks: derive('webhooks'), access: derive('access') }
}

function developmentKey(file: string): Buffer {
  const directory = dirname(file)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (!existsSync(file)) {
    const draft = `${file}.${randomBytes(4).toString('hex')}`
    try {
      // Whole and on the disk before anything is sealed with it; of two processes that start at once one link is made
      // and both use it.
      writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
      linkSync(draft, file)
      syncDirectory(directory)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      rmSync(draft, { force: true })
    }
  }
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text))
    throw new Error(
      `${file} does not hold 32 bytes in base64: restore it from a backup, personal data cannot be read without it`,
    )
  return Buffer.from(text, 'base64')
}

function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return // directories cannot be opened there, and need no sync
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
