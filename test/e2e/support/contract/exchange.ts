import { request } from 'undici';
import type { ContractCase } from './contract-case';

/** A case as it went over the wire. */
export interface Exchange {
  /** As it was written down, with its references. */
  readonly promised: ContractCase;
  readonly request: SentRequest;
  readonly answer: ReceivedAnswer;
}

export interface SentRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Names in small letters, those of the caller's credential included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ReceivedAnswer {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Media type without parameters; empty for an answer without a body. */
  readonly type: string;
  /** A JSON value, a text, or undefined for bytes that are no text and for no body at all. */
  readonly body: unknown;
  readonly length: number;
}

const TEXT = /^text\/|^application\/(x-openvpn-profile|x-pem-file)$/;
const JSON_TYPE = /^application\/(json|[\w.-]+\+json)$/;

/** Sends a request to the service at a base address; redirects are answers. */
export async function exchange(
  baseUrl: string,
  promised: ContractCase,
  credential: Readonly<Record<string, string>>,
): Promise<Omit<Exchange, 'promised'>> {
  const { path = {}, query = {}, body } = promised;
  const text = promised.text ?? (body === undefined ? undefined : JSON.stringify(body));
  const headers = smallNames({
    accept: 'application/json',
    ...credential,
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    ...promised.headers,
  });
  const [method = ''] = promised.operation.split(' ');
  const search = new URLSearchParams(query).toString();
  const response = await request(`${baseUrl}${addressOf(promised)}${search === '' ? '' : `?${search}`}`, {
    method,
    headers,
    ...(text !== undefined && { body: text }),
  });
  return { request: { path, query, headers, body }, answer: await received(response) };
}

type Response = Awaited<ReturnType<typeof request>>;

function addressOf({ operation, address, path = {} }: ContractCase): string {
  const pattern = operation.split(' ')[1] ?? '';
  return address ?? pattern.replace(/\{(\w+)\}/g, (_, name: string) => pathText(path[name] ?? ''));
}

/** A parameter may have slashes, as those of tiles do. */
function pathText(value: string): string {
  return value.split('/').map(encodeURIComponent).join('/');
}

async function received(response: Response): Promise<ReceivedAnswer> {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
  const bytes = Buffer.from(await response.body.arrayBuffer());
  const [type = ''] = bytes.length === 0 ? [] : (headers['content-type'] ?? '').split(';');
  return { status: response.statusCode, headers, type, body: bodyOf(type, bytes), length: bytes.length };
}

function bodyOf(type: string, bytes: Buffer): unknown {
  if (JSON_TYPE.test(type)) return JSON.parse(bytes.toString('utf8'));
  return TEXT.test(type) ? bytes.toString('utf8') : undefined;
}

function smallNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
