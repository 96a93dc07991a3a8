#!/usr/bin/env node
import { readFileSync } from 'node:fs'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`channel-ledger needs Node 20.19 or later; this is ${process.versions.node}\n`)
  process.exit(1)
}

// loaded after the check, so that an old Node says what is wrong instead of failing to parse
const { commandsFor } = await import('./commands/commands.ts')
const { commandName, helpText, parseCommandLine, UsageError } = await import('./commandLine.ts')
const { readSettings, SettingsError } = await import('./settings.ts')

try {
  const args = process.argv.slice(2)
  const commands = await commandsFor(commandName(args))
  const { command, help, version, json, options, operands } = parseCommandLine(args, commands)
  if (version) {
    const { version: own } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string
    } // our own file
    process.stdout.write(`${own}\n`)
  } else if (help || !command) {
    process.stdout.write(`${helpText(commands, command)}\n`)
  } else {
    const stopping = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort(new Error(signal)))
    const context = {
      settings: readSettings(process.env),
      options,
      operands,
      json,
      out: process.stdout,
      err: process.stderr,
      signal: stopping.signal,
    }
    process.exitCode = await command.run(context)
    // whatever still holds the process open after its work has ended is not waited for; a second Ctrl-C is not needed
    setTimeout(() => process.exit(), 2000).unref()
  }
} catch (error) {
  const expected =
    error instanceof UsageError ||
    error instanceof SettingsError ||
    (error instanceof Error &&
      /^(EmbeddedPostgresError|TooFewConnections|UnsafePostgres|HalfRestored)$/.test(error.name))
  process.stderr.write(
    `${expected && error instanceof Error ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exitCode = 1
}
