const BASE = 'http://own.invalid';

/**
 * Where to go after a login: `path` if it leads to a page of this service, else the start page. Everything that a browser
 * could take for another site is refused (`//host`, `/\host`, `https:`, control characters), and so are the login's own
 * routes, which would lead round in a circle.
 */
export function ownPath(path: unknown): string {
  if (typeof path !== 'string' || path.length > 512 || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(path)) return '/';
  if (!URL.canParse(path, BASE)) return '/';
  const { origin, pathname, search } = new URL(path, BASE);
  if (origin !== BASE || pathname.startsWith('//')) return '/';
  return /^\/auth\/(login|callback|logout)(\/|$)/i.test(pathname) ? '/' : `${pathname}${search}`;
}
