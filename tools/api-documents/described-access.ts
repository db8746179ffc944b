import { type AccessDecision, scopeOfRoute } from '@libs/auth';
import type { ServiceName } from '@libs/http';
import type { Route } from './routes';
import type { Operation } from './schema';

type Security = NonNullable<Operation['security']>;

const BEARER = { bearer: [] };
const SESSION_COOKIE = 'session';

/** Who may call a route, as OpenAPI says it. */
export function securityOf(service: ServiceName, { access, method, path }: Route): Security {
  const session = method === 'get' || method === 'head' ? { session: [] } : { session: [], csrf: [] };
  switch (access?.kind) {
    case 'services':
    case 'credential':
      return [BEARER];
    case 'authenticated':
    case 'roles':
      return mayUseToken(method, path) ? [session, BEARER] : [session];
    default:
      // Open to everybody; who has a session may act in it.
      return service === 'frontend' && path.startsWith('/download') ? [{}, session] : [];
  }
}

/** The same in a sentence; undefined for what is open to everybody. */
export function accessSentence({ access, method, path }: Route): string | undefined {
  switch (access?.kind) {
    case 'services':
      return `For the service key of: ${access.callers.join(', ')}.`;
    case 'credential':
      return `For a pre-shared key of a ${path.includes('computer') ? 'computer' : 'server'}.`;
    case 'authenticated':
      return 'For everybody who is signed in.';
    case 'roles':
      return rolesSentence(access, method, path);
    default:
      return undefined;
  }
}

function rolesSentence({ anyOf }: Extract<AccessDecision, { kind: 'roles' }>, method: string, path: string): string {
  const roles = anyOf.map((role) => `\`${role}\``).join(' or ');
  const scope = scopeOfRoute(method.toUpperCase(), path);
  if (scope !== undefined) return `Needs the role ${roles}, and of an API token the scope \`${scope}\`.`;
  return mayUseToken(method, path)
    ? `Needs the role ${roles}.`
    : `Needs the role ${roles} and a session: no token may do this.`;
}

/** API tokens are for the administration; the access tokens of programs for the rest, but for sessions. */
function mayUseToken(method: string, path: string): boolean {
  if (path.startsWith('/api/v1/admin/')) return scopeOfRoute(method.toUpperCase(), path) !== undefined;
  return !path.startsWith('/api/v1/me/sessions');
}

/** The schemes that the above refers to. */
export function securitySchemesOf(service: ServiceName): Record<string, unknown> {
  const bearer = { type: 'http', scheme: 'bearer' };
  if (service !== 'frontend')
    return { bearer: { ...bearer, description: 'The key of a service, at least 32 characters.' } };
  return {
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: SESSION_COOKIE,
      description: 'The session of whoever has signed in; over https the cookie is called `__Host-session`.',
    },
    csrf: {
      type: 'apiKey',
      in: 'header',
      name: 'X-CSRF-Token',
      description: '`csrf_token` of `GET /api/v1/me`, with every request of a session that changes something.',
    },
    bearer: {
      ...bearer,
      description:
        'A pre-shared key for what machines fetch; an API token (`ovapi_…`) for the administration; the access token of a program (`ovat_…`) for what concerns its person.',
    },
  };
}
