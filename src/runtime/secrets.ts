import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    // exclusive: of two processes that start at once one makes it and both use it
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (key.length !== 32)
    throw new Error(
      `${file} does not hold 32 bytes in base64: restore it from a backup, personal data cannot be read without it`,
    )
  return key
}
