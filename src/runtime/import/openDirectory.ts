import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { code, identifier, zone as zoneName } from '../../domain/kernel/fields.ts'
import type { Rows } from './documents.ts'
import type { Kind } from './kind.ts'
import { headerFault, readRows, type Columns } from './readRows.ts'
import type { Finding } from './row.ts'

/** What an import reads: rows by the name of their file, and whom they belong to. */
export interface Source {
  /** where the documents come from; their numbers are unique inside it */
  readonly system: string
  readonly company: string
  /** of dates without a time */
  readonly zone: string
  /** of all that will be read, for progress */
  readonly bytes: number
  /** what keeps the import from beginning: then nothing is recorded at all */
  readonly obstacles: readonly Finding[]
  /** rows in the neutral format; undefined when there is no such file */
  readonly rows: (name: string) => Rows | undefined
}

export interface SourceOptions {
  readonly system?: string | undefined
  readonly company?: string | undefined
  readonly zone?: string | undefined
  /** hears of what was read from the disk */
  readonly onBytes?: (bytes: number) => void
}

/** Something about the directory that the user can mend. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}

const declaration = z.strictObject({ system: code, company: identifier, zone: zoneName })

/** A directory in the neutral format (docs/import.md). Options win over its `import.json`. Throws an `ImportError`. */
export async function openDirectory(
  dir: string,
  kinds: readonly Kind[],
  { system, company, zone, onBytes }: SourceOptions,
): Promise<Source> {
  const declared = await declarationOf(dir, { system, company, zone })
  const columns = new Map<string, Columns>()
  for (const kind of kinds) {
    columns.set(kind.name, kind)
    if (kind.lines) columns.set(kind.lines.name, kind.lines)
  }
  const files = new Map<string, string>()
  const obstacles: Finding[] = []
  const obstacle = (file: string, code: string, values: Finding['values']): void => {
    obstacles.push({ file, line: 1, code, values, consequence: 'rejected' })
  }
  let bytes = 0
  for (const file of (await namesIn(dir)).filter((name) => /\.csv(\.gz)?$/.test(name)).sort()) {
    const name = file.replace(/\.csv(\.gz)?$/, '')
    const known = columns.get(name)
    if (!known) obstacle(file, 'import.file_unknown', { known: [...columns.keys()].join(', ').slice(0, 200) })
    else if (files.has(name)) obstacle(file, 'import.file_unknown', { twice: files.get(name) ?? '' })
    else {
      const fault = await headerFault(join(dir, file), known)
      if (fault) obstacle(file, fault.code, fault.values)
      files.set(name, file)
      bytes += (await stat(join(dir, file))).size
    }
  }
  for (const { name, lines } of kinds) {
    const [one, other] = [files.get(name), lines && files.get(lines.name)]
    if (lines && (one === undefined) !== (other === undefined))
      obstacle(one ?? other ?? '', 'import.file_missing', { missing: one === undefined ? name : lines.name })
  }
  if (files.size === 0 && obstacles.length === 0) throw new ImportError(`${dir} holds no file to import`)
  return {
    ...declared,
    bytes,
    obstacles,
    rows: (name) => {
      const file = files.get(name)
      return file === undefined ? undefined : readRows(join(dir, file), file, { onBytes })
    },
  }
}

/** Who sends, for whom, in which zone: options win over `import.json`. */
export async function declarationOf(
  dir: string,
  { system, company, zone }: SourceOptions,
): Promise<z.infer<typeof declaration>> {
  const declared = declaration.safeParse({ ...(await declarationIn(dir)), ...definedOf({ system, company, zone }) })
  if (declared.success) return declared.data
  const issues = declared.error.issues.map(({ path, message }) => `${path.join('.') || 'import.json'}: ${message}`)
  throw new ImportError(`import.json or options must say system, company and zone; ${issues.join('; ')}`)
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir)
  } catch (error) {
    throw new ImportError(`${dir} cannot be read`, { cause: error })
  }
}

async function declarationIn(dir: string): Promise<object> {
  let text: string
  try {
    text = await readFile(join(dir, 'import.json'), 'utf8')
  } catch {
    return {}
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch (error) {
    throw new ImportError('import.json is not a JSON object', { cause: error })
  }
}

function definedOf(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
