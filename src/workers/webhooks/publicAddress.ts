import { BlockList, isIP } from 'node:net'

/** IANA special-purpose IPv4 registry, multicast and reserved space, and the addresses where clouds keep their secrets. */
const closed4 = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's wire server stands in public space
  ['168.63.129.16', 32],
] as const)
  closed4.addSubnet(network, prefix, 'ipv4')

/** Of IPv6 only global unicast is open, less what is special in it: Teredo and other protocols, documentation, 6to4. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')
const closed6 = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  closed6.addSubnet(network, prefix, 'ipv6')

/**
 * True for an address on the open internet. Private, loopback, link-local, shared, multicast and metadata addresses are
 * not, nor are IPv4 addresses dressed up as IPv6 (mapped, translated, tunnelled), nor what is no address at all.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed4.check(address, 'ipv4')
    case 6:
      return !address.includes('%') && global6.check(address, 'ipv6') && !closed6.check(address, 'ipv6')
    default:
      return false
  }
}
