import { freeDiskBytes } from './embeddedPostgres.ts'

const warnBelow = 2 * 1024 ** 3
const refuseBelow = 500 * 1024 ** 2

export interface DiskGuard {
  /** commands are refused with `ledger.disk_full`, reads go on */
  readonly isReadOnly: () => boolean
  readonly stop: () => void
}

export interface DiskGuardOptions {
  /** a path on the disk that the log is written to */
  readonly path: string
  readonly everyMilliseconds?: number
  readonly freeBytes?: (path: string) => Promise<number>
  readonly warn: (message: string, details: Record<string, unknown>) => void
}

/** Looks at the free disk now and then: warns at 2 GB, refuses commands at 500 MB and takes them again above it. */
export async function startDiskGuard({
  path,
  everyMilliseconds = 10_000,
  freeBytes = freeDiskBytes,
  warn,
}: DiskGuardOptions): Promise<DiskGuard> {
  let state: 'fine' | 'low' | 'full' = 'fine'
  const look = async (): Promise<void> => {
    const free = await freeBytes(path)
    const now = free < refuseBelow ? 'full' : free < warnBelow ? 'low' : 'fine'
    if (now !== state && now !== 'fine') {
      warn(now === 'full' ? 'the disk is nearly full: commands are refused' : 'the disk is getting full', {
        path,
        freeMegabytes: Math.round(free / 1024 ** 2),
      })
    }
    state = now
  }
  await look()
  const timer = setInterval(
    () => void look().catch((error: unknown) => warn('the free disk cannot be read', { path, error: String(error) })),
    everyMilliseconds,
  )
  timer.unref()
  return { isReadOnly: () => state === 'full', stop: () => clearInterval(timer) }
}
