import { describe, expect, it } from 'vitest'
import { post } from '../../../src/workers/webhooks/post.ts'
import { isPublicAddress } from '../../../src/workers/webhooks/publicAddress.ts'
import { startWebhookReceiver } from '../../support/webhookReceiver.ts'

const closed = [
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.2.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  '3fff::1',
  'localhost',
  '',
  '1.2.3',
]
const open = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.0.1',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::1',
]
const call = { headers: {}, body: '{}' }

describe('an address that somebody outside has given', () => {
  it.each(closed)('%j is not public', (address) => expect(isPublicAddress(address)).toBe(false))
  it.each(open)('%j is public', (address) => expect(isPublicAddress(address)).toBe(true))

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://0/',
  ])('%s is refused, however it is written', async (url) =>
    expect(await post({ ...call, url })).toEqual({ failure: 'address refused' }),
  )

  it('is refused when one of the addresses of its name is private', async () => {
    const resolve = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]
    expect(await post({ ...call, url: 'http://mixed.example/', resolve })).toEqual({ failure: 'address refused' })
  })

  it('is called at the address that was checked: its name is looked up once', async () => {
    const receiver = await startWebhookReceiver()
    let lookups = 0
    const resolve = async () => {
      lookups += 1
      return [{ address: '127.0.0.1', family: 4 }]
    }
    // a name that no resolver knows: had the connection looked it up again, it would have failed
    const url = `http://pinned.invalid:${receiver.port}/`
    expect(await post({ ...call, url, resolve, allowPrivate: true })).toEqual({ status: 204 })
    expect(lookups).toBe(1)
    expect(receiver.calls[0]?.headers.host).toBe(`pinned.invalid:${receiver.port}`)
    await receiver.close()
  })

  it('is given up in time when its name is not resolved', async () => {
    const url = 'http://slow.example/'
    expect(await post({ ...call, url, timeoutMs: 50, resolve: () => new Promise(() => undefined) })).toEqual({
      failure: 'timeout',
    })
  })

  it('that nobody listens at is a failure, not an error', async () => {
    const receiver = await startWebhookReceiver()
    await receiver.close()
    expect(await post({ ...call, url: receiver.url, allowPrivate: true })).toEqual({ failure: 'ECONNREFUSED' })
  })
})
