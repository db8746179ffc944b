import type { INestApplication } from '@nestjs/common';

interface RouterLayer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** How Nest mounts a middleware for all routes. */
const EVERY_PATH = '/{*path}';
/** The viewer of the API document: files of a package. */
const VIEWER = '/api/docs';

/** `METHOD /path/:parameter` of every route that the running app's router has, in alphabetical order. */
export function routerRoutes(app: INestApplication): readonly string[] {
  const express = app.getHttpAdapter().getInstance() as { readonly router: { readonly stack: readonly RouterLayer[] } };
  const names = express.router.stack.flatMap(({ route }) => {
    if (route === undefined || route.path === EVERY_PATH || route.path.startsWith(VIEWER)) return [];
    return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`);
  });
  return [...new Set(names)].sort();
}
