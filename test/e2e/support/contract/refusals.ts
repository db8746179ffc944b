import { setTimeout as delay } from 'node:timers/promises';
import type { ApiDocument } from './api-document';
import type { ContractCase, Service } from './contract-case';
import { type Promised, uncovered } from './coverage';
import { without } from './without';

const UNKNOWN_PSK = `ovpsk_${'0'.repeat(16)}_${'A'.repeat(43)}`;
const UNKNOWN_API_TOKEN = `ovapi_${'0'.repeat(16)}_${'A'.repeat(43)}`;
const UNKNOWN_LINK = `ovdl_${'A'.repeat(43)}`;
const UNKNOWN_KEY = 'x'.repeat(43);
/** Longer than any service reads. */
const LARGE = JSON.stringify({ text: 'x'.repeat(300_000) });

/** What has to be different about a request that would succeed. */
type Change = Partial<ContractCase>;
type Provocation = (sound: ContractCase, service: Service) => Change;

const bearer = (sound: ContractCase, secret: string): Change => ({
  as: 'anonymous',
  headers: { ...sound.headers, authorization: `Bearer ${secret}` },
});

/** By code: how any operation is made to refuse. */
const PROVOCATIONS: Readonly<Record<string, Provocation>> = {
  sign_in_required: () => ({ as: 'anonymous' }),
  invalid_credential: (sound, service) => bearer(sound, service === 'frontend' ? UNKNOWN_API_TOKEN : UNKNOWN_KEY),
  psk_rejected: (sound) => bearer(sound, UNKNOWN_PSK),
  access_denied: ({ operation }, service) => ({ as: service === 'frontend' ? 'nobody' : otherService(operation) }),
  insufficient_scope: ({ operation }) => ({ as: `token ${operation.includes('events') ? 'servers' : 'events'}:read` }),
  csrf_token_invalid: ({ headers }) => ({ as: 'admin', headers: { ...headers, 'x-csrf-token': 'of another session' } }),
  served_elsewhere: ({ operation }) => ({ at: operation.includes('/admin/') ? 'for users' : 'for administrators' }),
  bad_request: (sound) => (takesBody(sound) ? { body: undefined, text: '{"' } : { address: addressWith(sound, '%zz') }),
  payload_too_large: () => ({ body: undefined, text: LARGE }),
  unsupported_media_type: ({ headers }) => ({
    headers: { ...headers, 'content-type': 'application/json; charset=x-none' },
  }),
  invalid_request: (sound) => strange(sound),
  too_many_requests: (sound) => ({ at: 'limited', ...wrongCredential(sound), given: threeTimes({ at: 'limited' }) }),
  signing_unavailable: () => ({ at: 'without signing' }),
  certtransparency_unavailable: () => ({ at: 'without log', given: before({}) }),
  log_unavailable: () => ({ at: 'without database' }),
  crl_not_available: () => ({ at: 'without log' }),
  log_receipt_not_verified: () => ({ at: 'distrusting' }),
  issued_certificate_not_valid: () => ({ at: 'distrusting' }),
  no_profile_template: () => ({ at: 'without templates' }),
  issuer_not_valid: () => ({ at: 'expired' }),
  too_many_issuances: () => ({ at: 'unheard', given: meanwhile(1) }),
  log_busy: () => ({ at: 'unheard', given: meanwhile(2) }),
  idempotency_key_in_use: () => ({ given: before({ at: 'unheard' }) }),
  idempotency_key_used: (sound) => ({ ...withoutCsr(sound), given: before({}) }),
  idempotency_key_reused: (sound) => ({
    ...withCsr(sound, '$otherKey.csr'),
    given: before(withCsr(sound, '$ownKey.csr')),
  }),
};

/**
 * Cases for all that a document says is refused and no case of its own shows: the request of one that succeeds, with one thing wrong
 * with it. What has no provocation is left to the coverage to complain about.
 *
 * @param cases of the service, in their order
 */
export function refusalsOf(document: ApiDocument, cases: readonly ContractCase[]): readonly ContractCase[] {
  return uncovered(document, cases).flatMap((promised) => {
    const sound = cases.findLast(({ operation, status }) => operation === promised.operation && status < 400);
    const code = promised.code ?? codeOfGet(document, promised);
    const provoke = code === undefined ? undefined : PROVOCATIONS[code];
    return sound === undefined || provoke === undefined ? [] : [refused(promised, sound, provoke, document.service)];
  });
}

function refused(promised: Promised, sound: ContractCase, provoke: Provocation, service: Service): ContractCase {
  const { operation, status, code } = promised;
  const name = `${code ?? 'refused'} (${String(status)})`;
  const base = withOwnKey(withStrongPerson(sound, service), name);
  const { given, ...change } = provoke(base, service);
  const made = without({ ...base, ...change, name, status }, 'keep', 'code');
  const prepare: NonNullable<ContractCase['given']> = async (world, request) => {
    await base.given?.(world, request);
    await given?.(world, request);
  };
  return { ...made, operation, ...(code !== undefined && { code }), given: prepare };
}

/** One who may do everything, so that nobody's session that other cases have ended is used. */
function withStrongPerson(sound: ContractCase, service: Service): ContractCase {
  return service === 'frontend' && isPerson(sound.as ?? '') ? { ...sound, as: 'admin' } : sound;
}

/** A key that no other request has. */
function withOwnKey(sound: ContractCase, name: string): ContractCase {
  const mayRepeat = sound.operation.startsWith('POST ') && sound.headers?.['idempotency-key'] !== undefined;
  const key = `$uuid.${`${sound.operation} ${name} x`.replace(/[^a-z]+/gi, '-')}`;
  return mayRepeat ? { ...sound, headers: { ...sound.headers, 'idempotency-key': key } } : sound;
}

const isPerson = (caller: string): boolean => /^(auditor|certificate_|system_|admin|nobody)/.test(caller);

/** The same request as often as a limit of one does not allow. */
function threeTimes(change: Change): NonNullable<ContractCase['given']> {
  return async ({ ask }, made) => {
    for (let count = 0; count < 3; count += 1) await ask({ ...made, ...change }).catch(() => undefined);
  };
}

/** A request that came before, whatever became of it. */
function before(change: Change): NonNullable<ContractCase['given']> {
  return async ({ ask }, made) => ask({ ...without(made, 'at'), ...change }).catch(() => undefined);
}

/** Requests of the same kind that are under way and stay so. */
function meanwhile(count: number): NonNullable<ContractCase['given']> {
  return async ({ ask }, made) => {
    for (let at = 1; at <= count; at += 1) {
      const headers = { ...made.headers, 'idempotency-key': `$uuid.meanwhile-${String(at)}` };
      const service = made.as === 'frontend' ? 'signing' : 'certtransparency';
      ask({ ...made, service, headers }).catch(() => undefined);
    }
    await delay(1_000);
  };
}

const withoutCsr = ({ body }: ContractCase): Change => ({ body: { ...(body as object), csr: undefined } });
const withCsr = ({ body }: ContractCase, csr: string): Change => ({ body: { ...(body as object), csr } });

/** The answer to HEAD has no code: it is refused as GET is. */
function codeOfGet(document: ApiDocument, { operation, status }: Promised): string | undefined {
  const get = operation.replace('HEAD ', 'GET ');
  if (get === operation || !document.operations.includes(get)) return undefined;
  const codes = document.codes(get, status);
  return codes.find((code) => code === 'served_elsewhere') ?? codes[0];
}

function otherService(operation: string): 'eraser' | 'reader' {
  const isRead = operation.startsWith('GET ') || operation.includes('context-proofs');
  return isRead ? 'eraser' : 'reader';
}

const takesBody = ({ body, text }: ContractCase): boolean => body !== undefined || text !== undefined;

function addressWith({ operation }: ContractCase, value: string): string {
  return (operation.split(' ')[1] ?? '').replace(/\{\w+\}/g, value);
}

/** Something that no operation knows, where it takes something at all. */
function strange({ operation, path, query, body }: ContractCase): Change {
  if (typeof body === 'object') return { body: { ...body, surprise: true } };
  const isLogCertificate = operation === 'GET /api/v1/certificates/{fingerprint}';
  return isLogCertificate ? { path: { ...path, fingerprint: 'x' } } : { query: { ...query, surprise: 'x' } };
}

/** What counts as a try to guess a credential; for what takes none, the request as it is. */
function wrongCredential(sound: ContractCase): Change {
  const { operation, as = 'anonymous', path, query, body } = sound;
  if (operation.endsWith('/api/v1/token')) {
    return { body: { grant_type: 'authorization_code', code: UNKNOWN_LINK, code_verifier: '$proof.verifier' } };
  }
  if (operation.includes('/download')) {
    if (path !== undefined) return { path: { ...path, token: UNKNOWN_LINK } };
    return typeof body === 'object' ? { body: { token: UNKNOWN_LINK } } : { query: { ...query, token: UNKNOWN_LINK } };
  }
  if (as === 'anonymous') return {};
  return bearer(sound, as === 'server' || as === 'computer' ? UNKNOWN_PSK : UNKNOWN_API_TOKEN);
}
