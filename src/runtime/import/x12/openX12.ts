import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Rows } from '../documents.ts'
import { declarationOf, ImportError, type Source, type SourceOptions } from '../openDirectory.ts'
import type { Finding, Row } from '../row.ts'
import { sellOutOf867 } from './sellOutOf867.ts'
import type { X12Fault } from './segments.ts'

/** An interchange is read whole. */
const largest = 32 * 1024 * 1024

/** A directory of X12 interchanges with 867 reports (docs/import.md), as rows of `sell-out`. Throws an `ImportError`. */
export async function openX12(dir: string, options: SourceOptions): Promise<Source> {
  const declared = await declarationOf(dir, options)
  const names = await readdir(dir).catch((error: unknown) => {
    throw new ImportError(`${dir} cannot be read`, { cause: error })
  })
  const files = names.filter((name) => /\.(x12|edi|867)$/i.test(name)).sort()
  if (files.length === 0) throw new ImportError(`${dir} holds no file .x12, .edi or .867`)
  let bytes = 0
  for (const file of files) {
    const { size } = await stat(join(dir, file))
    if (size > largest) throw new ImportError(`${file} is larger than ${largest} bytes: split the interchange`)
    bytes += size
  }
  return {
    ...declared,
    bytes,
    obstacles: [],
    rows: (name) => (name === 'sell-out' ? reports(dir, files, options.onBytes) : undefined),
  }
}

async function* reports(dir: string, files: readonly string[], onBytes: SourceOptions['onBytes']): Rows {
  for (const file of files) {
    const text = await readFile(join(dir, file), 'utf8')
    onBytes?.(Buffer.byteLength(text))
    const sets = sellOutOf867(text)
    if ('rule' in sets) yield [rejected(file, sets, {})]
    else
      for (const { control, rows, fault } of sets)
        yield fault
          ? [rejected(file, fault, { set: control })]
          : rows.map(({ no, values }): Row => ({ file, line: no, values }))
  }
}

function rejected(file: string, { segment, no, rule }: X12Fault, set: { readonly set?: string }): Finding {
  const values = { ...set, segment, rule: rule.slice(0, 200) }
  return { file, line: no, code: 'import.x12', values, consequence: 'rejected' }
}
