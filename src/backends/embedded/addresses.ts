import { isIP } from 'node:net';

/** Reads an IPv4 or IPv6 address as 32 hexadecimal digits (IPv4 mapped into IPv6), whose order is that of addresses; undefined if it is invalid. */
export function parseAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 0) return undefined;
  // Elasticsearch drops the interface of `fe80::1%eth0`.
  return family === 4 ? `${'0'.repeat(20)}ffff${hex4(text)}` : hex6(text.replace(/%.*$/, ''));
}

/** Reads `10.0.0.0/8` as the first and last address of the network; undefined if it is invalid. */
export function parseNetwork(text: string): { readonly first: string; readonly last: string } | undefined {
  const [address = '', length = '', rest] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || rest !== undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length) + (isIP(address) === 4 ? 96 : 0);
  if (bits > 128) return undefined;
  const low = (1n << BigInt(128 - bits)) - 1n;
  const value = BigInt(`0x${parsed}`);
  return { first: digits(value & ~low), last: digits(value | low) };
}

/** Writes an address of `parseAddress` as Elasticsearch prints it. */
export function showAddress(address: string): string {
  if (address.startsWith(`${'0'.repeat(20)}ffff`)) {
    return [24, 26, 28, 30].map((at) => Number.parseInt(address.slice(at, at + 2), 16)).join('.');
  }
  const groups = address.match(/.{4}/g)?.map((group) => Number.parseInt(group, 16).toString(16)) ?? [];
  const zeros = [...groups.join(':').matchAll(/(?<![\da-f])0(?::0)+(?![\da-f])/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (zeros === undefined) return groups.join(':');
  const text = groups.join(':');
  const before = text.slice(0, zeros.index).replace(/:$/, '');
  return `${before}::${text.slice(zeros.index + zeros[0].length).replace(/^:/, '')}`;
}

function hex4(text: string): string {
  return text
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('');
}

function hex6(text: string): string {
  const plain = text.replace(/[\d.]+$/, (tail) => (tail.includes('.') ? (hex4(tail).match(/.{4}/g) ?? []).join(':') : tail));
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((group) => group.toLowerCase().padStart(4, '0')).join('');
}

function digits(value: bigint): string {
  return value.toString(16).padStart(32, '0');
}
