import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a figure must be read with. */
export interface Circumstances {
  readonly commit: string
  readonly node: string
  readonly cores: number
  readonly database: string
  /** synced writes of 8 KB a second, one after another: what the disk gives a log */
  readonly diskSyncsPerSecond: number
}

export function circumstances(database: string): Circumstances {
  return {
    commit: commit(),
    node: process.version,
    cores: cpus().length,
    database,
    diskSyncsPerSecond: diskSyncs(1_000),
  }
}

/** `+` when something was not committed. */
function commit(): string {
  const git = (...parameters: string[]): string => execFileSync('git', parameters, { encoding: 'utf8' }).trim()
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', 'src', 'bench') === '' ? '' : '+')
  } catch {
    return 'unknown'
  }
}

function diskSyncs(milliseconds: number): number {
  const path = join(tmpdir(), `channel-ledger-sync-${process.pid}`)
  const file = openSync(path, 'w')
  const block = Buffer.alloc(8_192, 1)
  const start = performance.now()
  let count = 0
  for (; performance.now() - start < milliseconds; count += 1) {
    writeSync(file, block, 0, block.length, (count % 1_000) * block.length)
    fdatasyncSync(file)
  }
  const rate = (count * 1_000) / (performance.now() - start)
  closeSync(file)
  rmSync(path)
  return Math.round(rate)
}
