import pg from 'pg'

/**
 * A pool whose results keep what PostgreSQL says: numerics, bigints, dates and timestamps as text, so that nothing
 * passes through a float or the local time zone. Its questions are many and short beside the seconds that compiling one would
 * take, and sums over years of facts need not be sorted on disk.
 */
export function projectionPool(config: pg.PoolConfig): pg.Pool {
  const parsed = new Set<number>([
    pg.types.builtins.BOOL,
    pg.types.builtins.INT4,
    pg.types.builtins.JSON,
    pg.types.builtins.JSONB,
  ])
  return new pg.Pool({
    options: '-c jit=off -c work_mem=32MB',
    ...config,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        parsed.has(oid) ? pg.types.getTypeParser(oid, format) : (text: string) => text,
    },
  })
}
