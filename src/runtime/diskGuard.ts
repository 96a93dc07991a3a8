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
  everyMilliseconds = 1_000,
  freeBytes = freeDiskBytes,
  warn,
}: DiskGuardOptions): Promise<DiskGuard> {
  let state: State = 'fine'
  const look = async (): Promise<void> => {
    const free = await freeBytes(path)
    const now: State = free < refuseBelow ? 'full' : free < warnBelow ? 'low' : 'fine'
    if (now !== state) {
      const message = messageOf(state, now)
      if (message !== undefined) warn(message, { path, freeMegabytes: Math.round(free / 1024 ** 2) })
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

type State = 'fine' | 'low' | 'full'

function messageOf(before: State, now: State): string | undefined {
  if (now === 'full') return 'the disk is nearly full: commands are refused'
  if (before === 'full') return `commands are taken again${now === 'low' ? '; the disk is still getting full' : ''}`
  return now === 'low' ? 'the disk is getting full' : undefined
}
