import { ByteWriter, ParquetWriter } from 'hyparquet-writer'

/** A column of a file, by what PostgreSQL calls its type; others than these are written as text. */
export interface ParquetColumn {
  readonly name: string
  readonly type: string
}

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number]
type Cell = string | null
type Batches = AsyncIterable<readonly (readonly Cell[])[]>

/** rows that are put together before they are written */
const groupRows = 20_000
/** digits after the point of every figure: as many as any of ours has */
const scale = 12
const decimalBytes = 16
const createdBy = 'channel-ledger'

/**
 * Rows of texts, as PostgreSQL writes values (times in UTC), as a Parquet file, group by group. Figures are exact: DECIMAL(38, 12), never
 * floating point. The same rows give the same bytes.
 */
export async function* tableParquet(columns: readonly ParquetColumn[], batches: Batches): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter()
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...elementOf(type) })),
  ]
  const file = new ParquetWriter({ writer: bytes, schema, createdBy, statistics: false })
  let group: (readonly Cell[])[] = []
  const write = (): void => {
    if (group.length === 0) return
    const columnData = columns.map(({ name, type }, n) => ({
      name,
      data: group.map((row) => valueOf(row[n] ?? null, type)),
    }))
    void file.write({ columnData, rowGroupSize: groupRows }) // a writer of bytes in memory has nothing to wait for
    group = []
  }
  const take = (): Uint8Array => {
    const taken = bytes.getBytes().slice()
    bytes.index = 0
    return taken
  }
  for await (const rows of batches) {
    group.push(...rows)
    if (group.length < groupRows) continue
    write()
    yield take()
  }
  write()
  void file.finish()
  yield take()
}

function elementOf(type: string): Omit<SchemaElement, 'name'> {
  switch (type) {
    case 'integer':
    case 'bigint':
      return { type: 'INT64' }
    case 'boolean':
      return { type: 'BOOLEAN' }
    case 'numeric':
      return {
        type: 'FIXED_LEN_BYTE_ARRAY',
        type_length: decimalBytes,
        converted_type: 'DECIMAL',
        precision: 38,
        scale,
      }
    case 'date':
      return { type: 'INT32', converted_type: 'DATE' }
    case 'timestamp with time zone':
      return { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' }
    case 'jsonb':
    default:
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
  }
}

function valueOf(cell: Cell, type: string): string | number | bigint | boolean | null {
  if (cell === null) return null
  switch (type) {
    case 'integer':
    case 'bigint':
      return BigInt(cell)
    case 'boolean':
      return cell === 't'
    case 'numeric':
      return unscaled(cell)
    case 'date':
      return Date.parse(`${cell}T00:00:00Z`) / 86_400_000
    case 'timestamp with time zone':
      return microseconds(cell)
    default:
      return cell
  }
}

/** `-1.25` as so many units of the last digit that is kept. Throws where a digit would be lost. */
function unscaled(figure: string): bigint {
  const [whole = '', fraction = ''] = figure.split('.')
  if (/[^0]/.test(fraction.slice(scale))) throw new Error(`a figure has more than ${scale} digits after its point`)
  return BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`)
}

/** Of `2026-01-15 08:30:00.123+00`. */
function microseconds(time: string): bigint {
  const [, second = '', fraction = ''] = /^(.{19})(?:\.(\d+))?\+00$/.exec(time) ?? []
  return BigInt(Date.parse(`${second.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}
