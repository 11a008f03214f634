import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseNetwork, showAddress } from '../../../../src/backends/embedded/addresses.ts';

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('%s is written %s', (text, expected) => {
    expect(showAddress(parseAddress(text) ?? '')).toBe(expected);
  });

  it.each(['', '10.0.0', '10.0.0.256', 'host', '1:2:3', '10.0.0.1/8'])('%s is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('that was written is read back the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const parsed = parseAddress(text);
        if (parsed === undefined) throw new Error(`${text} was not read`);
        expect(parseAddress(showAddress(parsed))).toBe(parsed);
      }),
    );
  });

  it('lies in its own network of any length, and the network holds as many as it should', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (text, length) => {
        const network = parseNetwork(`${text}/${length}`);
        const address = parseAddress(text) ?? '';
        if (network === undefined) throw new Error('no network');
        expect(network.first <= address && address <= network.last).toBe(true);
        expect(BigInt(`0x${network.last}`) - BigInt(`0x${network.first}`)).toBe(2n ** BigInt(32 - length) - 1n);
      }),
    );
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'x/8'])('%s is no network', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
