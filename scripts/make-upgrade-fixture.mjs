// What a release leaves in its database, for the releases after it (test/runtime/upgrade.test.ts): run once per release,
// from its own checkout, and commit what it writes.
//
//   node scripts/make-upgrade-fixture.mjs v0.1.0      needs DATABASE_URL (a server) and pg_dump of the same version
//
// test/fixtures/upgrade/<release>/channel.sql.gz      a small channel after its commands and what followed from them
// test/fixtures/upgrade/<release>/every-type.sql.gz   an event of every type
// test/fixtures/upgrade/<release>/release.json        the commands, and what they were answered
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import pg from 'pg'

const root = new URL('..', import.meta.url).pathname
const [release] = process.argv.slice(2)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
if (release !== `v${version}`)
  throw new Error(`this checkout is v${version}; say so: make-upgrade-fixture.mjs v${version}`)
const server = process.env.DATABASE_URL
if (!server) throw new Error('DATABASE_URL names no server')

const target = join(root, 'test/fixtures/upgrade', release)
if (existsSync(target))
  throw new Error(`${relative(root, target)} is there: what a release wrote is never written anew`)

// inside the project, so that the compiled files find its packages
const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const compiled = mkdtempSync(join(cache, 'upgrade-fixture-'))
try {
  writeFileSync(join(compiled, 'package.json'), JSON.stringify({ type: 'module', version }))
  writeFileSync(
    join(compiled, 'tsconfig.json'),
    JSON.stringify({
      extends: relative(compiled, join(root, 'tsconfig.json')),
      compilerOptions: { noEmit: false, noCheck: true, rootDir: root, outDir: compiled },
      files: [join(root, 'test/support/writeRelease.ts')],
      include: [],
    }),
  )
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', compiled], { stdio: 'inherit' })
  mkdirSync(target, { recursive: true })
  for (const what of ['channel', 'every-type']) await write(what)
} finally {
  rmSync(compiled, { recursive: true, force: true })
}
for (const name of readdirSync(target))
  console.log(`${relative(root, join(target, name))} ${readFileSync(join(target, name)).length} bytes`)

async function write(what) {
  const name = `channel_ledger_upgrade_${randomBytes(4).toString('hex')}`
  await execute(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`)
  const url = new URL(server)
  url.pathname = `/${name}`
  try {
    const writer = join(compiled, 'test/support/writeRelease.js')
    execFileSync(process.execPath, [writer, what, url.href, join(target, 'release.json')], { stdio: 'inherit' })
    // inserts, because the test has no psql; jobs may be lost, and their tables are another project's
    const dump = execFileSync(
      pgDump(),
      ['--no-owner', '--no-privileges', '--rows-per-insert=500', '--exclude-schema=channel_ledger_jobs', url.href],
      { encoding: 'utf8', maxBuffer: 2 ** 28 },
    )
    writeFileSync(join(target, `${what}.sql.gz`), gzipSync(dump.replaceAll(/^(\\|--).*\n/gm, ''), { level: 9 }))
  } finally {
    await execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

function pgDump() {
  const installed = '/usr/lib/postgresql'
  const versions = existsSync(installed) ? readdirSync(installed).sort((a, b) => b - a) : []
  return versions.map((one) => join(installed, one, 'bin/pg_dump')).find((path) => existsSync(path)) ?? 'pg_dump'
}

async function execute(sql) {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
