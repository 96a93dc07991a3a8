import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { tableParquet } from '../../src/documents/tableParquet.ts'

const columns = [
  { name: 'text', type: 'text' },
  { name: 'figure', type: 'numeric' },
  { name: 'whole', type: 'bigint' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'time', type: 'timestamp with time zone' },
  { name: 'structure', type: 'jsonb' },
]
const empty = columns.map((): string | null => null)

async function written(batches: readonly (readonly (readonly (string | null)[])[])[]): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of tableParquet(columns, asyncly(batches))) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const file = new ArrayBuffer(bytes.length)
  new Uint8Array(file).set(bytes)
  return file
}

async function* asyncly<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** Figures as they are stored: the reader would turn them into floating point. */
async function figuresOf(file: ArrayBuffer): Promise<(bigint | null)[]> {
  const metadata = await parquetMetadataAsync(file)
  for (const element of metadata.schema) if (element.converted_type === 'DECIMAL') delete element.converted_type
  const rows = await parquetReadObjects({ file, metadata, columns: ['figure'], utf8: false })
  return rows.map(({ figure }) =>
    figure instanceof Uint8Array ? BigInt.asIntN(128, BigInt(`0x${Buffer.from(figure).toString('hex')}`)) : null,
  )
}

describe('a Parquet file', () => {
  test('holds every kind of value, and what is not there', async () => {
    const row = [
      '李雷, "quoted"',
      '0.5',
      '9007199254740993',
      't',
      '2026-02-28',
      '2026-01-15 08:30:00.123+00',
      '{"a": [1, null]}',
    ]
    const [first, second] = await parquetReadObjects({ file: await written([[row, empty]]) })
    expect(first).toEqual({
      text: '李雷, "quoted"',
      figure: 0.5,
      whole: 9007199254740993n,
      flag: true,
      day: new Date('2026-02-28T00:00:00.000Z'),
      time: new Date('2026-01-15T08:30:00.123Z'),
      structure: '{"a": [1, null]}',
    })
    expect(Object.values(second ?? {}).filter((value) => value !== null && value !== undefined)).toEqual([])
  })

  test('holds figures exactly, of any sign and size that ours have', async () => {
    const figures = ['0', '-0.000001', '123456789012345678901234.123456', '-99999999999999999999.999999', '6.40']
    const file = await written([figures.map((figure) => empty.with(1, figure))])
    expect(await figuresOf(file)).toEqual([
      0n,
      -1_000_000n,
      123456789012345678901234123456000000n,
      -99999999999999999999999999000000n,
      6_400_000_000_000n,
    ])
  })

  test('is refused rather than written with a digit less', async () => {
    await expect(written([[empty.with(1, '0.1234567890123')]])).rejects.toThrow('more than 12 digits')
  })

  test('of many batches holds all rows in their order, in the same bytes every time, and one without rows is a file', async () => {
    const batches = Array.from({ length: 45 }, (_, n) =>
      Array.from({ length: 1000 }, (_row, m) => empty.with(2, String(n * 1000 + m))),
    )
    const file = await written(batches)
    const rows = await parquetReadObjects({ file, columns: ['whole'] })
    expect(rows.map(({ whole }) => Number(whole))).toEqual(Array.from({ length: 45_000 }, (_, n) => n))
    expect(Buffer.from(await written(batches)).equals(Buffer.from(file))).toBe(true)
    expect(await parquetReadObjects({ file: await written([]) })).toEqual([])
  })
})
