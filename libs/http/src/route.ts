import type { IncomingMessage } from 'node:http';

/** The pattern of the matched route (`/download/:token`), known once the router has run; never the path itself. */
export function routeOf(request: IncomingMessage): string {
  const route: unknown = 'route' in request ? request.route : undefined;
  if (typeof route === 'object' && route !== null && 'path' in route && typeof route.path === 'string')
    return route.path;
  return '(unmatched)';
}
