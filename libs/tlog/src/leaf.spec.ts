import fc from 'fast-check';
import { decodeLeaf, encodeLeaf, type Leaf, leafExtra, leafTypeOf, NO_COMMITMENT, rebuildLeaf } from './leaf';
import { sha256 } from './merkle';
import { canonicalJson, commitment, type ContextValue } from './private-context';
import { TlogError } from './tlog-error';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const time = fc.maxSafeNat();
const header = { loggedAt: time, commitment: hash };

const issued = fc.record({
  type: fc.constant('issued' as const),
  ...header,
  issuer: hash,
  fingerprint: hash,
  kind: fc.constantFrom('user' as const, 'computer' as const, 'server' as const),
  serial: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  notBefore: time,
  notAfter: time,
  commonName: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }),
  der: fc.uint8Array({ minLength: 1, maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
});

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  issued,
  fc.record({
    type: fc.constant('revoked' as const),
    ...header,
    issuer: hash,
    fingerprint: hash,
    reason: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9, 10),
    revokedAt: time,
    issuedIndex: time,
    actorCommitment: hash,
  }),
  fc.record({ type: fc.constant('crl' as const), ...header, issuer: hash, crlNumber: time, crlSha256: hash }),
  fc.record({
    type: fc.constant('key_rotation' as const),
    ...header,
    verifierKey: fc.string({ unit: 'grapheme', minLength: 1 }),
  }),
);

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

describe('leaves', () => {
  it('are the same after being encoded and decoded', () => {
    fc.assert(fc.property(leaf, (any) => expect(decodeLeaf(encodeLeaf(any))).toEqual(any)));
  });

  it('have one encoding: whatever decodes encodes to the same bytes', () => {
    fc.assert(
      fc.property(leaf, fc.nat(), fc.nat({ max: 255 }), (any, at, byte) => {
        const bytes = encodeLeaf(any);
        bytes[at % bytes.length] = byte;
        try {
          expect(encodeLeaf(decodeLeaf(bytes))).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof TlogError)) throw error;
        }
      }),
    );
  });

  it('are refused when cut anywhere or followed by anything', () => {
    fc.assert(
      fc.property(leaf, fc.nat(), (any, at) => {
        const bytes = encodeLeaf(any);
        expect(() => decodeLeaf(bytes.subarray(0, at % bytes.length))).toThrow(code('malformed_leaf'));
        expect(() => decodeLeaf(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(code('malformed_leaf'));
      }),
    );
  });

  it('have the documented layout', () => {
    const bytes = encodeLeaf({
      type: 'revoked',
      loggedAt: 0x0102030405,
      issuer: Buffer.alloc(32, 0xaa),
      fingerprint: Buffer.alloc(32, 0xbb),
      commitment: Buffer.alloc(32, 0xcc),
      reason: 4,
      revokedAt: 7,
      issuedIndex: 8,
      actorCommitment: Buffer.alloc(32, 0xdd),
    });
    const expected = [
      '4f56504e4354310a',
      '02',
      '0000000102030405',
      'aa'.repeat(32),
      'bb'.repeat(32),
      'cc'.repeat(32),
      '04',
      '0000000000000007',
      '0000000000000008',
      'dd'.repeat(32),
    ];
    expect(bytes.toString('hex')).toBe(expected.join(''));
  });

  it('about a certificate are rebuilt from the certificate and the rest', () => {
    fc.assert(
      fc.property(issued, (any) => {
        const own = { ...any, fingerprint: sha256(any.der) };
        expect(rebuildLeaf(leafExtra(own), own.der)).toEqual(encodeLeaf(own));
        expect(() => rebuildLeaf(leafExtra(own), Buffer.concat([own.der, Buffer.of(1)]))).toThrow(
          code('malformed_leaf'),
        );
      }),
    );
  });

  it('of the other types are their own extra data', () => {
    fc.assert(
      fc.property(leaf, (any) => {
        if (any.type !== 'issued') expect(leafExtra(any)).toEqual(encodeLeaf(any));
      }),
    );
  });

  it('show their type in what a receipt carries', () => {
    fc.assert(fc.property(leaf, (any) => expect(leafTypeOf(leafExtra(any))).toBe(any.type)));
    expect(() => leafTypeOf(Buffer.from('OVPNCT1\n\0'))).toThrow(code('malformed_leaf'));
    expect(() => leafTypeOf(Buffer.from('OVPNCT1\n'))).toThrow(code('malformed_leaf'));
    expect(() => leafTypeOf(Buffer.from('OVPNCT2\n\x01'))).toThrow(code('malformed_leaf'));
  });

  const revoked = {
    type: 'revoked',
    loggedAt: 1,
    issuer: Buffer.alloc(32),
    fingerprint: Buffer.alloc(32),
    commitment: Buffer.from(NO_COMMITMENT),
    reason: 1,
    revokedAt: 1,
    issuedIndex: 0,
    actorCommitment: Buffer.from(NO_COMMITMENT),
  } as const;

  it.each([
    ['an unused reason', { ...revoked, reason: 7 }],
    ['the reason that takes a revocation back', { ...revoked, reason: 8 }],
    ['a fractional time', { ...revoked, revokedAt: 0.5 }],
    ['a negative index', { ...revoked, issuedIndex: -1 }],
    ['a short fingerprint', { ...revoked, fingerprint: Buffer.alloc(31) }],
  ])('are not encoded with %s', (_, broken) => {
    expect(() => encodeLeaf(broken)).toThrow(code('malformed_leaf'));
  });
});

describe('private contexts', () => {
  const integer = fc.oneof(fc.maxSafeInteger(), fc.integer());
  const { context } = fc.letrec<{ context: ContextValue }>((tie) => ({
    context: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }),
      integer,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('context'), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: 'grapheme' }), tie('context'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));

  it('are canonical: parsing and printing again changes nothing', () => {
    fc.assert(
      fc.property(context, (any) => {
        const json = canonicalJson(any);
        expect(canonicalJson(JSON.parse(json))).toBe(json);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(any)));
      }),
    );
  });

  it('sort members by UTF-16 code units, as the example of RFC 8785 §3.2.3 does', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const json = canonicalJson(Object.fromEntries(keys.map((key) => [key, 1])));
    expect(Object.keys(JSON.parse(json) as object).filter((key) => key !== '1')).toEqual([
      '\r',
      '\u0080',
      '\u00f6',
      '\u20ac',
      '\u{1f600}',
      '\ufb33',
    ]);
    expect(json).toMatch(/^\{"\\r":1,"1":1,/);
  });

  it('escape as RFC 8785 §3.2.2.2 asks', () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\/\u2028')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\/\u2028"');
    expect(canonicalJson(-0)).toBe('0');
  });

  it.each([
    ['a fraction', 0.5],
    ['an unsafe integer', 2 ** 53],
    ['not a number', Number.NaN],
    ['undefined', { a: undefined }],
    ['a function', { a: () => 1 }],
    ['a big integer', [1n]],
    ['a date', { at: new Date(0) }],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    // eslint would reject a hole written out; an array made too long has the same.
    ['a hole in an array', new Array<string>(1)],
  ])('are refused with %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(code('malformed_context'));
  });

  it('are refused when they hold themselves', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(() => canonicalJson(loop)).toThrow(code('malformed_context'));
  });

  it('are bound by salt and content', () => {
    const salt = Buffer.alloc(32, 1);
    const bound = commitment(salt, { user: 'a', at: 1 });
    expect(bound).toEqual(sha256(Buffer.from('OVPNCT1-private\n'), salt, Buffer.from('{"at":1,"user":"a"}')));
    expect(commitment(salt, { user: 'b', at: 1 })).not.toEqual(bound);
    expect(commitment(Buffer.alloc(32, 2), { user: 'a', at: 1 })).not.toEqual(bound);
    expect(() => commitment(Buffer.alloc(16), {})).toThrow(TlogError);
  });
});
