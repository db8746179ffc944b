import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { generateStaticKey, InvalidControlChannelKey, parseStaticKey, printStaticKey } from './static-key';
import {
  generateTlsCryptV2ClientKey,
  generateTlsCryptV2ServerKey,
  parseTlsCryptV2ClientKey,
  parseTlsCryptV2ServerKey,
  parseTlsCryptV2ServerKeys,
  printTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  tlsCryptV2ServerKeyId,
  unwrapTlsCryptV2ClientKey,
} from './tls-crypt-v2';

describe('tls-crypt-v2', () => {
  it('unwraps what it wraps, metadata included', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 733 }), (data) => {
        const serverKey = generateTlsCryptV2ServerKey();
        const metadata = { type: 'user', data: Buffer.from(data) } as const;
        const text = printTlsCryptV2ClientKey(generateTlsCryptV2ClientKey(serverKey, metadata));
        const { key, wrappedKey } = parseTlsCryptV2ClientKey(text);
        expect(unwrapTlsCryptV2ClientKey(serverKey, wrappedKey)).toEqual({ key, metadata });
      }),
      { numRuns: 50 },
    );
  });

  it('refuses metadata that OpenVPN would not take', () => {
    const make = () =>
      generateTlsCryptV2ClientKey(generateTlsCryptV2ServerKey(), { type: 'user', data: Buffer.alloc(734) });
    expect(make).toThrow(InvalidControlChannelKey);
  });

  it('refuses a wrapped key of another server, or with one bit changed', () => {
    const serverKey = generateTlsCryptV2ServerKey();
    const { wrappedKey } = generateTlsCryptV2ClientKey(serverKey, { type: 'timestamp', seconds: 1n });
    expect(() => unwrapTlsCryptV2ClientKey(generateTlsCryptV2ServerKey(), wrappedKey)).toThrow(
      InvalidControlChannelKey,
    );
    for (const at of [0, 40, wrappedKey.length - 1]) {
      const changed = Buffer.from(wrappedKey);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => unwrapTlsCryptV2ClientKey(serverKey, changed)).toThrow(InvalidControlChannelKey);
    }
  });

  it.each([
    ['a server key that is cut', () => parseTlsCryptV2ServerKey(printTlsCryptV2ServerKey(randomBytes(127)))],
    ['another label', () => parseTlsCryptV2ServerKey(printStaticKey(generateStaticKey()))],
    [
      'a client key that is cut',
      () => parseTlsCryptV2ClientKey(printTlsCryptV2ClientKey({ key: randomBytes(256), wrappedKey: randomBytes(10) })),
    ],
    ['nothing', () => parseTlsCryptV2ClientKey('')],
    ['a static key that is cut', () => parseStaticKey(printStaticKey(generateStaticKey()).replace(/\n.{32}\n/, '\n'))],
  ])('refuses %s', (_, act) => {
    expect(act).toThrow(InvalidControlChannelKey);
  });

  describe('server keys one after another', () => {
    const keys = [generateTlsCryptV2ServerKey(), generateTlsCryptV2ServerKey(), generateTlsCryptV2ServerKey()];
    const [one = '', other = '', third = ''] = keys.map(printTlsCryptV2ServerKey);

    it.each([1, 2, 3])('are read in their order (%d)', (count) => {
      expect(parseTlsCryptV2ServerKeys([one, other, third].slice(0, count).join(''))).toEqual(keys.slice(0, count));
      expect(parseTlsCryptV2ServerKeys([one, other, third].slice(0, count).join('\n# next\n'))).toEqual(
        keys.slice(0, count),
      );
    });

    it.each([
      ['there is none', ''],
      ['one stands there twice', one + other + one],
      ['one is cut', one + other.replace(/\n.{64}\n/, '\n')],
      ['the last one is cut', one + other.slice(0, -40)],
      ['between them stands something else', `${one}garbage\n${other}`],
      ['behind them stands something else', `${one}${other}garbage`],
      ['one is a client key', one + printTlsCryptV2ClientKey({ key: randomBytes(256), wrappedKey: randomBytes(10) })],
    ])('are refused when %s', (_, text) => {
      expect(() => parseTlsCryptV2ServerKeys(text)).toThrow(InvalidControlChannelKey);
    });

    it('have an id each, which tells nothing of the key', () => {
      const ids = keys.map(tlsCryptV2ServerKeyId);
      expect(new Set(ids).size).toBe(3);
      for (const [index, id] of ids.entries()) {
        expect(id).toMatch(/^[0-9a-f]{8}$/);
        expect(keys[index]?.toString('hex')).not.toContain(id);
      }
    });
  });
});
