import { BlockList, isIP } from 'node:net';

const PREFIX_BITS = { 4: 32, 6: 128 } as const;

/** @returns whether a text is an address or a network in CIDR notation, of IPv4 or IPv6, without a zone */
export function isNetwork(text: string): boolean {
  return parse(text) !== undefined;
}

/** @returns whether an address lies in one of the networks; one that is unknown or none lies in no network */
export function liesWithin(networks: readonly string[], address: string | undefined): boolean {
  const plain = plainAddress(address ?? '');
  const version = isIP(plain);
  if (version === 0) return false;
  const family = familyOf(version);
  const list = new BlockList();
  for (const network of networks.flatMap((text) => parse(text) ?? [])) {
    // An IPv6 network would be compared with the IPv4-mapped form of an address as well.
    if (network.family === family) list.addSubnet(network.address, network.bits, family);
  }
  return list.check(plain, family);
}

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

function parse(text: string): Network | undefined {
  const [, address = '', prefix] = /^([0-9A-Fa-f.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version !== 4 && version !== 6) return undefined;
  const bits = prefix === undefined ? PREFIX_BITS[version] : Number(prefix);
  return bits > PREFIX_BITS[version] ? undefined : { address, bits, family: familyOf(version) };
}

/** An IPv4 client of a listener for both is written `::ffff:192.0.2.1`; a link-local one may have a zone. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 4 ? 'ipv4' : 'ipv6';
}
