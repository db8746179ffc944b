import fc from 'fast-check';

/** Comes back as markup, as 997210243, or as an attribute only from something that does not escape. */
export const MARKUP = `"'><hostile onhostile="{{9973*99991}}{% raw %}\${9973*99991}`;

const OLD_FRIENDS = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '..',
    '../../etc/passwd',
    '%00',
    '%',
    '%zz',
    '%c0%ae',
    'a\r\nX-Hostile: 1\r\n\r\n<hostile>',
  ],
  ...[
    "' OR 1=1 --",
    "'; DROP TABLE users; --",
    '"',
    '\\',
    '$1',
    ':id',
    '%_',
    '{{9973*99991}}',
    '{% raw %}',
    '${9973*99991}',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'null', 'undefined', 'NaN', 'true', '[]', '{}', 'None'],
  ...[
    '\ud800',
    'a\udfff',
    '\u202e\u2066txt.exe',
    '﷽'.repeat(40),
    'e\u0301',
    '\u00e9',
    '\ufeff',
    '\uffff',
    '😀'.repeat(33),
  ],
  ...['0', '-1', '1e308', '9'.repeat(40), '0x10', '1.5', '٣', '2026-02-30T00:00:00Z', '+275760-09-13T00:00:00.000Z'],
  ...['0'.repeat(64), 'f'.repeat(64), 'A'.repeat(40), '00000000-0000-0000-0000-000000000000', 'x'.repeat(70_000)],
  ...[MARKUP, 'javascript:hostile()', '//hostile.example', '/\\hostile.example', 'https://hostile.example/', '(a+)+$'],
];

/** What rules of a field let through most easily; each is tried on every field. */
export const SLIPPERY: readonly unknown[] = ['\0', 'a\0b', 'a\ud800', [], [null], {}, [{}], Number.MAX_VALUE, false];

/** What others have tried before, and what nobody has. */
export const texts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...OLD_FRIENDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
);

/** Names that mean something to JavaScript; an object literal could not have all of them. */
const POLLUTIONS = [
  '{"__proto__":{"hostile":true}}',
  '{"constructor":{"prototype":{"hostile":true}}}',
  '{"toString":null,"hasOwnProperty":1,"valueOf":{}}',
].map((text): unknown => JSON.parse(text));

const nested = (depth: number): unknown => (depth === 0 ? [] : [{ a: nested(depth - 1) }]);

/** Values of a JSON document. */
export const jsonValues: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: texts },
  { weight: 2, arbitrary: fc.constant(null) },
  fc.boolean(),
  fc.constantFrom(0, -0, -1, 0.5, 1e21, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 31, 253_402_300_800_000),
  fc.integer(),
  fc.array(texts, { maxLength: 3 }),
  fc.constantFrom<unknown>(
    [null],
    [[]],
    {},
    [{}],
    Array.from({ length: 500 }, () => 'x'),
    nested(50),
  ),
  fc.constantFrom<unknown>(...POLLUTIONS),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Field names that no DTO has. */
export const strangeNames = fc.constantFrom('__proto__', 'constructor', 'toString', '', 'a.b', 'a[b]', '\0', MARKUP);

/** Bodies that are not what their type says, and types that nobody reads. */
export const brokenBodies = fc.constantFrom<readonly [type: string | undefined, body: Buffer]>(
  ...[
    '{',
    '[1,',
    '{"a":1}}',
    '"',
    'NaN',
    '',
    '\ufeff{}',
    '\0',
    '['.repeat(20_000),
    '{"a":"\\ud800"}',
    '1',
    'null',
    '"x"',
  ].map((text) => ['application/json', Buffer.from(text)] as const),
  ['application/json', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['application/json; charset=utf-7', Buffer.from('{}')],
  ['application/json; charset=utf-16', Buffer.from('{}', 'utf16le')],
  ['application/json', Buffer.from(JSON.stringify({ a: 'x'.repeat(200_000) }))],
  [
    'application/x-www-form-urlencoded',
    Buffer.from(Array.from({ length: 300 }, (_, n) => `a${String(n)}=1`).join('&')),
  ],
  ['application/x-www-form-urlencoded', Buffer.from('a=%ff&%=%&&=&__proto__=1&a[b]=c&constructor[prototype][x]=1')],
  ['application/x-www-form-urlencoded; charset=iso-8859-5', Buffer.from('a=b')],
  ['multipart/form-data; boundary=x', Buffer.from('--x\r\n\r\na\r\n--x--')],
  ['text/plain', Buffer.from('{}')],
  ['application/xml', Buffer.from('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')],
  ['nonsense', Buffer.from('{}')],
  [undefined, Buffer.from('{}')],
);
