import type { OidcLogin } from '@libs/auth';
import type { RequestHandler } from 'express';

/** Browsers apply `form-action` to where a form's answer redirects as well: signing out leads on to the provider. */
export function allowLogoutTarget(login: OidcLogin): RequestHandler {
  return (_request, response, next) => {
    const policy = response.getHeader('Content-Security-Policy');
    const { logoutOrigin } = login;
    if (typeof policy === 'string' && logoutOrigin !== undefined) {
      const target = `form-action 'self' ${logoutOrigin}`;
      response.setHeader('Content-Security-Policy', policy.replace("form-action 'self'", target));
    }
    next();
  };
}
