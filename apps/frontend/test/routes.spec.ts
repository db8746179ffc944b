import { ACCESS_DECISION, type AccessDecision } from '@libs/auth';
import { type TestDatabaseKind, testDatabases } from '@libs/testing';
import { RequestMethod, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';

const [sqlite] = testDatabases() as [TestDatabaseKind, ...TestDatabaseKind[]];

/** Everything that can be called without signing in and without a credential of its own. */
const PUBLIC_ROUTES = [
  'GET /',
  'GET /assets/:name',
  'GET /auth/callback',
  'GET /auth/login',
  'GET /crl',
  'GET /crl.pem',
  'GET /download',
  'GET /download/:token',
  'HEAD /auth/callback',
  'HEAD /auth/login',
  'HEAD /download',
  'HEAD /download/:token',
  'POST /auth/logout',
];

describe('routes of the frontend', () => {
  let frontend: TestFrontend;

  beforeAll(async () => {
    frontend = await startFrontend({ database: sqlite, port: await freePort(), issuer: 'http://localhost:9' });
  });

  afterAll(() => frontend.close());

  it('each carry a decision about who may call them', () => {
    expect(routes().filter(({ decision }) => decision === undefined)).toEqual([]);
  });

  it('are public only where that was meant', () => {
    const open = routes().filter(({ decision }) => decision?.kind === 'public');
    expect(open.map(({ name }) => name).sort()).toEqual(PUBLIC_ROUTES);
  });

  function routes(): readonly { readonly name: string; readonly decision: AccessDecision | undefined }[] {
    const modules = [...frontend.app.get(ModulesContainer).values()];
    const controllers = modules.flatMap((module) => [...module.controllers.values()]);
    return controllers.flatMap(({ metatype }) => (metatype ? routesOf(metatype as Type) : []));
  }
});

function routesOf(
  controller: Type,
): readonly { readonly name: string; readonly decision: AccessDecision | undefined }[] {
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((key) => {
    const handler = prototype[key];
    const method = handler && (Reflect.getMetadata('method', handler) as RequestMethod | undefined);
    if (!handler || method === undefined) return [];
    const own = Reflect.getMetadata(ACCESS_DECISION, handler) as AccessDecision | undefined;
    const decision = own ?? (Reflect.getMetadata(ACCESS_DECISION, controller) as AccessDecision | undefined);
    return pathsOf(controller).flatMap((base) => {
      return pathsOf(handler).map((path) => ({ name: `${RequestMethod[method]} ${joined(base, path)}`, decision }));
    });
  });
}

function pathsOf(target: object): readonly string[] {
  const path = Reflect.getMetadata('path', target) as string | string[];
  return typeof path === 'string' ? [path] : path;
}

function joined(base: string, path: string): string {
  const segments = [...base.split('/'), ...path.split('/')].filter((segment) => segment !== '');
  return `/${segments.join('/')}`;
}
