import fc from 'fast-check';
import type { RawRequest } from './raw-request';
import type { RouteParameters } from './route-parameters';
import { brokenBodies, jsonValues, strangeNames, texts } from './values';

/** A request of the route that is as it should be but for one thing. */
export type Attack =
  | { readonly on: 'path' | 'query' | 'header'; readonly name: string; readonly text: string }
  | { readonly on: 'field'; readonly name: string; readonly value: unknown; readonly form: boolean }
  | { readonly on: 'body'; readonly value: unknown }
  | { readonly on: 'bytes'; readonly type: string | undefined; readonly bytes: Buffer };

export interface SoundRequest {
  /** Values of the path's parameters. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

const PARAMETER = /[:*](\w+)/g;

/** Headers that our code, or what it stands on, reads. */
export const READ_HEADERS = [
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'content-encoding', 'content-type', 'cookie'],
  ...[
    'expect',
    'host',
    'idempotency-key',
    'if-match',
    'if-modified-since',
    'if-none-match',
    'origin',
    'prefer',
    'range',
  ],
  ...['referer', 'user-agent', 'vpn-session-token', 'x-csrf-token', 'x-forwarded-for', 'x-forwarded-host'],
  ...['x-forwarded-proto', 'x-request-id'],
] as const;

/** @param byHand names that routes read without declaring them */
export function attacksOn(
  { route, query, body }: Pick<RouteParameters, 'route' | 'query' | 'body'>,
  byHand: { readonly query: readonly string[]; readonly body: readonly string[] },
): fc.Arbitrary<Attack> {
  const inPath = [...route.matchAll(PARAMETER)].map(([, name = '']) => name);
  const named = (on: 'path' | 'query' | 'header', names: fc.Arbitrary<string>, weight: number) => ({
    weight,
    arbitrary: fc.record({ on: fc.constant(on), name: names, text: texts }),
  });
  const attacks: fc.WeightedArbitrary<Attack>[] = [
    named('query', fc.oneof(fc.constantFrom(...query, ...byHand.query), strangeNames), query.length + 2),
    named('header', fc.constantFrom(...READ_HEADERS), 3),
    ...(inPath.length > 0 ? [named('path', fc.constantFrom(...inPath), inPath.length * 4)] : []),
  ];
  if (!/^(GET|HEAD) /.test(route)) {
    const names = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...body, ...byHand.body) },
      { weight: 1, arbitrary: strangeNames },
    );
    const field = fc.record({ on: fc.constant('field' as const), name: names, value: jsonValues, form: fc.boolean() });
    const whole = fc.record({ on: fc.constant('body' as const), value: jsonValues });
    const bytes = brokenBodies.map(([type, bytesOfBody]) => ({ on: 'bytes' as const, type, bytes: bytesOfBody }));
    attacks.push({ weight: body.length * 5 + 1, arbitrary: field }, { weight: 1, arbitrary: whole });
    attacks.push({ weight: 2, arbitrary: bytes });
  }
  return fc.oneof(...attacks);
}

/** How many things there are to try. */
export function parameterCount({ route, query, body }: Pick<RouteParameters, 'route' | 'query' | 'body'>): number {
  return query.length + body.length + [...route.matchAll(PARAMETER)].length;
}

export function requestOf(route: string, sound: SoundRequest, attack: Attack): RawRequest {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replace(PARAMETER, (_, name: string) =>
    attack.on === 'path' && attack.name === name ? onTheWire(attack.text) : (sound.path[name] ?? '0'),
  );
  const query = formOf({ ...sound.query, ...(attack.on === 'query' ? { [attack.name]: attack.text } : {}) });
  const { type, bytes } = bodyOf(sound.body, attack);
  const isRead = ['GET', 'HEAD'].includes(method);
  const headers = {
    ...sound.headers,
    ...(isRead ? {} : { ...(type && { 'content-type': type }), 'content-length': String(bytes.length) }),
    ...(attack.on === 'header' ? { [attack.name]: headerValue(attack.text) } : {}),
  };
  return { method, path: query === '' ? path : `${path}?${query}`, headers, ...(isRead ? {} : { body: bytes }) };
}

function bodyOf(sound: object, attack: Attack): { readonly type: string | undefined; readonly bytes: Buffer } {
  if (attack.on === 'bytes') return attack;
  if (attack.on === 'field' && attack.form) {
    const form = Buffer.from(formOf(withField(sound, attack.name, attack.value)));
    return { type: 'application/x-www-form-urlencoded', bytes: form };
  }
  return { type: 'application/json', bytes: Buffer.from(JSON.stringify(documentOf(sound, attack))) };
}

function documentOf(sound: object, attack: Attack): unknown {
  if (attack.on === 'body') return attack.value;
  return attack.on === 'field' ? withField(sound, attack.name, attack.value) : sound;
}

/** A field of any name is the object's own, also one that an assignment would take for its prototype. */
function withField(object: object, name: string, value: unknown): object {
  const [outer = '', inner] = name.split(/\.(.*)/s);
  const nested: unknown = Object.entries(object).find(([known]) => known === outer)?.[1];
  const [changedName, changed] = inner === undefined || !isObject(nested) ? [name, value] : [outer, deeper(nested)];
  return Object.fromEntries([...Object.entries(object), [changedName, changed]]);

  function deeper(members: object): unknown {
    if (!Array.isArray(members)) return withField(members, inner ?? '', value);
    return members.map((member: unknown) => (isObject(member) ? withField(member, inner ?? '', value) : member));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function formOf(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${onTheWire(name)}=${onTheWire(textOf(value))}`)
    .join('&');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is percent-encoded already stays as it is; half a character, which has no UTF-8 form, becomes a broken byte. */
function onTheWire(text: string): string {
  if (/^%[0-9a-z]{2}/.test(text) || text === '%') return text;
  return encodeURIComponent(text.slice(0, 4_000).replace(/\p{Cs}/gu, '\0half\0')).replaceAll('%00half%00', '%ed%a0');
}

/** Bytes that HTTP allows; others do not leave a client. */
function headerValue(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4_000);
}
