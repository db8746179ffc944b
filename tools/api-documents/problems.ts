import type { AccessDecision } from '@libs/auth';
import type { DocumentedRefusal, ServiceName } from '@libs/http';
import { audienceOf } from '../../apps/frontend/src/deployment/audience';
import type { Route } from './routes';
import { type Answer, type Content, referenceTo, type Schema } from './schema';

export const PROBLEM_TYPE = 'application/problem+json';

/** Codes that come with a status, in the order of both. */
export type Refusals = ReadonlyMap<number, readonly string[]>;

/** What a route refuses: what follows from its access decision, its input and the service, and what it says itself. */
export function refusalsOf(service: ServiceName, route: Route): Refusals {
  const all = new Map<number, Set<string>>();
  for (const { status, codes } of [...ofAccess(service, route), ...ofInput(route), ...route.refusals]) {
    all.set(status, new Set([...(all.get(status) ?? []), ...codes]));
  }
  const sorted = [...all].sort(([one], [other]) => one - other);
  return new Map(sorted.map(([status, codes]) => [status, [...codes].sort()]));
}

function ofAccess(service: ServiceName, route: Route): readonly DocumentedRefusal[] {
  const { access } = route;
  if (service !== 'frontend') return access?.kind === 'services' ? ofServiceKey(service) : [];
  return [...ofPersons(access), ...ofSession(route, access), ...ofDeployment(route)];
}

/** Signing has one caller, and so no key of another. */
function ofServiceKey(service: ServiceName): readonly DocumentedRefusal[] {
  const unknown = { status: 401, codes: ['invalid_credential'] };
  return service === 'signing' ? [unknown] : [unknown, { status: 403, codes: ['access_denied'] }];
}

function ofPersons(access: AccessDecision | undefined): readonly DocumentedRefusal[] {
  const tooManyFailures = { status: 429, codes: ['too_many_requests'] };
  switch (access?.kind) {
    case 'credential':
      return [
        { status: 401, codes: ['psk_rejected'] },
        { status: 403, codes: ['psk_kind_not_allowed'] },
        tooManyFailures,
      ];
    case 'authenticated':
    case 'roles': {
      // Of an API token on a route that none may call, too.
      const denied = access.kind === 'roles' ? ['access_denied', 'insufficient_scope'] : ['insufficient_scope'];
      return [
        { status: 401, codes: ['sign_in_required', 'invalid_credential'] },
        { status: 403, codes: denied },
        tooManyFailures,
      ];
    }
    default:
      return [];
  }
}

function ofSession({ method }: Route, access: AccessDecision | undefined): readonly DocumentedRefusal[] {
  const changes = method !== 'get' && method !== 'head';
  return changes && access?.kind !== 'credential' ? [{ status: 403, codes: ['csrf_token_invalid'] }] : [];
}

function ofDeployment({ path }: Route): readonly DocumentedRefusal[] {
  return audienceOf(path) === 'everybody' ? [] : [{ status: 403, codes: ['served_elsewhere'] }];
}

function ofInput({ path, takesBody, validated }: Route): readonly DocumentedRefusal[] {
  const body = [
    { status: 400, codes: ['bad_request'] },
    { status: 413, codes: ['payload_too_large'] },
    { status: 415, codes: ['unsupported_media_type'] },
  ];
  return [
    ...(path.includes('{') ? [{ status: 400, codes: ['bad_request'] }] : []),
    ...(takesBody ? body : []),
    ...(takesBody || Object.keys(validated).length > 0 ? [{ status: 422, codes: ['invalid_request'] }] : []),
  ];
}

/** RFC 9457, as the services write it; a code adds members of its own. */
export const PROBLEM: Schema = {
  type: 'object',
  description: 'What went wrong (RFC 9457). Some codes add members.',
  required: ['type', 'title', 'status', 'code', 'instance'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'Always `about:blank`: `code` tells problems apart.',
    },
    title: { type: 'string', description: 'One sentence for people.' },
    status: { type: 'integer', description: 'The status of the answer.' },
    code: { type: 'string', pattern: '^[a-z0-9_]+$', description: 'For programs; it stays what it is.' },
    detail: { type: 'string', description: 'More about this very request; never in an answer of 500 and above.' },
    instance: { type: 'string', description: 'Path of the request, without the query and without what is secret.' },
    request_id: { type: 'string', description: 'Names the request in the logs, as the header X-Request-Id does.' },
    errors: {
      type: 'array',
      description: 'What is wrong with which field.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: {
          field: { type: 'string', description: 'Where it stands: `context.email`.' },
          message: { type: 'string', description: 'What is wrong with it.' },
        },
        additionalProperties: false,
      },
    },
  },
};

/** A problem document with one of these codes. */
interface ProblemSchema extends Schema {
  readonly allOf: [Schema, { type: 'object'; properties: { status: { const: number }; code: { enum: string[] } } }];
}

/** The codes that an answer of `problemAnswer` names. */
export function codesOf({ content }: Answer): readonly string[] {
  const schema = content?.[PROBLEM_TYPE]?.schema as ProblemSchema | undefined;
  return schema?.allOf[1].properties.code.enum ?? [];
}

/** The answer that carries a problem document with one of these codes. */
export function problemAnswer(status: number, codes: readonly string[], titleOf: (code: string) => string): Answer {
  const schema: ProblemSchema = {
    allOf: [
      referenceTo('Problem'),
      { type: 'object', properties: { status: { const: status }, code: { enum: [...codes] } } },
    ],
  };
  const content: Content = { [PROBLEM_TYPE]: { schema } };
  const headers = problemHeaders(status);
  return {
    description: codes.map((code) => `\`${code}\`: ${titleOf(code)}.`).join('\n\n'),
    ...(headers && { headers }),
    content,
  };
}

function problemHeaders(status: number): Answer['headers'] | undefined {
  if (status === 401) {
    const description = 'What kind of credential is wanted (RFC 9110 §11.6.1); absent where a session is.';
    return { 'WWW-Authenticate': { description, schema: { type: 'string' } } };
  }
  if (status === 429 || status === 503) {
    const description = 'Seconds after which it makes sense to try again.';
    return { 'Retry-After': { description, schema: { type: 'integer', minimum: 0 } } };
  }
  return undefined;
}
