import { type CanActivate, Controller, type ExecutionContext, Get } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host';
import { Authenticated, Credential, Public, Roles, ServiceCallers } from './access.decorator';
import { AccessGuard } from './access.guard';
import type { Principal } from './principal';
import type { Role } from './roles';
import { ServiceKeyGuard } from './service-key.guard';

class AnyCredential implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Controller()
class Routes {
  @Get()
  undecided(): void {
    return;
  }

  @Public()
  open(): void {
    return;
  }

  @Roles('auditor', 'system_administrator')
  forAuditors(): void {
    return;
  }

  @Authenticated()
  forPeople(): void {
    return;
  }

  @Credential(AnyCredential)
  forKeyHolders(): void {
    return;
  }

  @ServiceCallers('frontend')
  forFrontend(): void {
    return;
  }
}

type Route = keyof Routes;

function contextOf(route: Route, request: object): ExecutionContext {
  const handler = Object.getOwnPropertyDescriptor(Routes.prototype, route)?.value as () => void;
  return new ExecutionContextHost([request], Routes, handler);
}

function person(...roles: Role[]): { readonly principal: Principal } {
  const identity = { userId: 'u', issuer: 'i', subject: 's', name: 'n', email: null, groups: [] };
  return { principal: { ...identity, roles } };
}

describe('access guard', () => {
  const may = (route: Route, request: object) => new AccessGuard().canActivate(contextOf(route, request));
  const administrator = person('user', 'auditor', 'service_administrator');

  it('opens a route for people to whoever is signed in, whatever their roles', () => {
    expect(may('forPeople', person())).toBe(true);
    expect(() => may('forPeople', {})).toThrow(expect.objectContaining({ status: 401 }));
  });

  it('refuses everybody on a route that carries no decision', () => {
    expect(() => may('undecided', administrator)).toThrow(expect.objectContaining({ status: 403 }));
    expect(() => may('forFrontend', administrator)).toThrow(expect.objectContaining({ status: 403 }));
  });

  it('lets a person with one of the roles through, and nobody else', () => {
    expect(may('forAuditors', person('auditor'))).toBe(true);
    expect(() => may('forAuditors', person('user'))).toThrow(expect.objectContaining({ status: 403 }));
    expect(() => may('forAuditors', person())).toThrow(expect.objectContaining({ status: 403 }));
    expect(() => may('forAuditors', {})).toThrow(expect.objectContaining({ status: 401 }));
  });

  it('leaves public routes open and credentials to their guard', () => {
    expect(may('open', {})).toBe(true);
    expect(may('forKeyHolders', {})).toBe(true);
  });
});

describe('service key guard', () => {
  const keys = { frontend: ['f'.repeat(32), 'g'.repeat(32)], auditor: ['a'.repeat(32)] };
  const guard = new ServiceKeyGuard(keys);
  const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key.repeat(32)}` } });

  it('lets the named service through with any of its keys', () => {
    expect(guard.canActivate(contextOf('forFrontend', bearer('f')))).toBe(true);
    expect(guard.canActivate(contextOf('forFrontend', bearer('g')))).toBe(true);
    expect(guard.canActivate(contextOf('open', { headers: {} }))).toBe(true);
  });

  it('answers 401 with the scheme for an unknown key, 403 for another service’s', () => {
    const challenge = { 'WWW-Authenticate': 'Bearer realm="service"' };
    const unknown = expect.objectContaining({ status: 401, headers: challenge });
    expect(() => guard.canActivate(contextOf('forFrontend', bearer('x')))).toThrow(unknown);
    expect(() => guard.canActivate(contextOf('forFrontend', { headers: {} }))).toThrow(unknown);
    expect(() => guard.canActivate(contextOf('forFrontend', bearer('a')))).toThrow(
      expect.objectContaining({ status: 403 }),
    );
  });

  it('refuses a route that names no service', () => {
    const refused = expect.objectContaining({ status: 403 });
    expect(() => guard.canActivate(contextOf('undecided', bearer('f')))).toThrow(refused);
    expect(() => guard.canActivate(contextOf('forAuditors', bearer('f')))).toThrow(refused);
  });
});
