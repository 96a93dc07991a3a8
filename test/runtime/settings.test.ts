import { describe, expect, test } from 'vitest'
import { describeSettings, readSettings, SettingsError } from '../../src/runtime/settings.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const production = {
  CHANNEL_LEDGER_MODE: 'production',
  DATABASE_URL: 'postgres://ledger:secret@db/ledger',
  CHANNEL_LEDGER_MASTER_KEY: key,
  CHANNEL_LEDGER_OIDC_ISSUER: 'https://sign-in.example',
  CHANNEL_LEDGER_OIDC_AUDIENCE: 'channel-ledger',
}

/** The lines of the error, without its heading. */
function mistakesOf(environment: Record<string, string>, readFile?: (path: string) => string): string[] {
  try {
    readSettings(environment, readFile)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  return []
}

describe('given nothing', () => {
  test('every default is safe: development, loopback, nothing outside', () => {
    const settings = readSettings({ PATH: '/bin', HOME: '/root' })
    expect(settings).toMatchObject({ mode: 'development', host: '127.0.0.1', unsafeForTests: false })
    expect([settings.databaseUrl, settings.masterKey, settings.oidcIssuer]).toEqual([undefined, undefined, undefined])
  })

  test('a variable that is there and empty counts as none', () => {
    const empty = { DATABASE_URL: '', REDIS_URL_FILE: '', CHANNEL_LEDGER_PORT: '', CHANNEL_LEDGER_COMPANY: '' }
    expect(readSettings(empty)).toEqual(readSettings({}))
    expect(describeSettings(readSettings(empty), empty).filter(({ given }) => given)).toEqual([])
  })
})

describe('given what is not right', () => {
  test('the error names every mistake at once', () => {
    const mistakes = mistakesOf({
      CHANNEL_LEDGER_MODE: 'live',
      CHANNEL_LEDGER_PORT: '70000',
      CHANNEL_LEDGER_RATE_LIMIT: '0',
      CHANNEL_LEDGER_UNSAFE_FOR_TESTS: 'yes',
      CHANNEL_LEDGER_MASTER_KEY: 'short',
      EVENTSTORE_URL: 'http://eventstore',
      CHANNEL_LEDGER_COLOUR: 'red',
    })
    expect(mistakes.map((mistake) => mistake.split(/:| is/)[0])).toEqual([
      'CHANNEL_LEDGER_COLOUR',
      'CHANNEL_LEDGER_MODE',
      'EVENTSTORE_URL',
      'CHANNEL_LEDGER_PORT',
      'CHANNEL_LEDGER_MASTER_KEY',
      'CHANNEL_LEDGER_RATE_LIMIT',
      'CHANNEL_LEDGER_UNSAFE_FOR_TESTS',
    ])
    expect(mistakes).toContain('CHANNEL_LEDGER_PORT: a whole number from 0 to 65535')
  })

  test.each([' ', '8080 ', '0x1f90', '8e3', '-1', '80.5', 'http', '99999999999'])('%j is no port', (text) => {
    expect(mistakesOf({ CHANNEL_LEDGER_PORT: text })).toHaveLength(1)
  })

  test.each([
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['32 bytes in hexadecimal', Buffer.alloc(32).toString('hex')],
    ['a key with a character that is not base64', `!${key}`],
    ['a password', 'correct horse battery staple'],
  ])('%s is no master key', (_, text) => {
    expect(mistakesOf({ CHANNEL_LEDGER_MASTER_KEY: text })).toHaveLength(1)
  })

  test('no mistake shows the value of a secret', () => {
    const secrets = {
      DATABASE_URL: 'mysql://root:hunter2@db',
      CHANNEL_LEDGER_MASTER_KEY: 'hunter2',
      REDIS_URL: 'hunter2',
    }
    const text = mistakesOf(secrets).join()
    expect(text).toContain('DATABASE_URL')
    expect(text).not.toContain('hunter2')
  })

  test.each([
    ['CHANNEL_LEDGER_PORTT', 'CHANNEL_LEDGER_PORT'],
    ['CHANNEL_LEDGER_HOSTS', 'CHANNEL_LEDGER_HOST'],
    ['CHANNEL_LEDGER_LOGLEVEL', 'CHANNEL_LEDGER_LOG_LEVEL'],
    ['CHANNEL_LEDGER_MASTER_KEY_FIEL', 'CHANNEL_LEDGER_MASTER_KEY_FILE'],
  ])('of %s it says that %s may be meant', (given, meant) => {
    expect(mistakesOf({ [given]: '1' })).toEqual([`${given} is not a setting; did you mean ${meant}?`])
  })

  test('a name that resembles none gets no guess, and other programs keep their variables', () => {
    expect(mistakesOf({ CHANNEL_LEDGER_FAVOURITE_COLOUR: 'red', OTHER_PORT: 'x', CHANNEL_LEDGER_TEST_X: '1' })).toEqual(
      ['CHANNEL_LEDGER_FAVOURITE_COLOUR is not a setting'],
    )
  })

  test('an issuer without an audience would let nobody in', () => {
    expect(mistakesOf({ CHANNEL_LEDGER_OIDC_ISSUER: 'https://sign-in.example' })).toEqual([
      expect.stringContaining('CHANNEL_LEDGER_OIDC_AUDIENCE: one without the other'),
    ])
  })
})

describe('given a secret by file', () => {
  const files: Record<string, string> = { '/run/secrets/key': `${key}\n`, '/run/secrets/empty': '\n' }
  const readFile = (path: string): string => {
    const content = files[path]
    if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
    return content
  }

  test('it is the content of the file without the line break at its end', () => {
    const settings = readSettings({ CHANNEL_LEDGER_MASTER_KEY_FILE: '/run/secrets/key' }, readFile)
    expect(settings.masterKey).toEqual(Buffer.alloc(32, 7))
  })

  test.each([
    [{ CHANNEL_LEDGER_MASTER_KEY_FILE: '/run/secrets/none' }, /^CHANNEL_LEDGER_MASTER_KEY: ENOENT.*none/],
    [{ CHANNEL_LEDGER_MASTER_KEY_FILE: '/run/secrets/empty' }, /\/run\/secrets\/empty is empty/],
    [{ CHANNEL_LEDGER_MASTER_KEY_FILE: '/run/secrets/key', CHANNEL_LEDGER_MASTER_KEY: key }, /not both/],
    [{ CHANNEL_LEDGER_PORT_FILE: '/run/secrets/key' }, /^CHANNEL_LEDGER_PORT_FILE: only secrets/],
  ])('%j is refused', (environment, reason) => {
    expect(mistakesOf(environment, readFile)).toEqual([expect.stringMatching(reason)])
  })
})

describe('given production', () => {
  test('with everything of its own it starts', () => {
    expect(readSettings(production)).toMatchObject({ mode: 'production', oidcAudience: 'channel-ledger' })
  })

  test.each([
    ['DATABASE_URL', 'maintained server'],
    ['CHANNEL_LEDGER_MASTER_KEY', 'one of its own'],
    ['CHANNEL_LEDGER_OIDC_ISSUER', 'token issuer'],
    ['CHANNEL_LEDGER_OIDC_AUDIENCE', 'token issuer'],
  ])('without %s it does not', (name, reason) => {
    expect(mistakesOf({ ...production, [name]: '' })).toEqual([expect.stringContaining(reason)])
  })

  test('it refuses a database that may lose acknowledged writes', () => {
    expect(mistakesOf({ ...production, CHANNEL_LEDGER_UNSAFE_FOR_TESTS: '1' })).toHaveLength(1)
  })

  test('what is missing and what is wrong are said together, each once', () => {
    const mistakes = mistakesOf({ CHANNEL_LEDGER_MODE: 'production', CHANNEL_LEDGER_MASTER_KEY: 'short' })
    expect(mistakes.map((mistake) => mistake.split(/:| and/)[0])).toEqual([
      'CHANNEL_LEDGER_MASTER_KEY',
      'DATABASE_URL',
      'CHANNEL_LEDGER_OIDC_ISSUER',
    ])
  })
})

test('all settings can be shown, and no secret with them', () => {
  const lines = describeSettings(readSettings(production), production)
  expect(lines.find(({ env }) => env === 'CHANNEL_LEDGER_MODE')).toMatchObject({ value: 'production', given: true })
  expect(lines.find(({ env }) => env === 'CHANNEL_LEDGER_HOST')).toMatchObject({ value: '127.0.0.1', given: false })
  expect(lines.find(({ env }) => env === 'DATABASE_URL')).toMatchObject({
    value: '(secret)',
    given: true,
    secret: true,
  })
  expect(JSON.stringify(lines)).not.toContain(key)
})
