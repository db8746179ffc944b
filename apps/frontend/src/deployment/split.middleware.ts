import type { Request, RequestHandler } from 'express';
import type { DeploymentSettings } from '../config/deployment-settings';
import { type Audience, audienceOf } from './audience';
import { ServedElsewhere } from './served-elsewhere';

/** A download token is a path segment: it is not repeated in an answer. */
const SECRET = /^(\/download)\/.+/;

/**
 * Turns away what the other frontend serves, before anything is looked up. Browsers are led on: from user pages by a
 * redirect, to the administration by a page with a link, so that nobody gets there unawares.
 */
export function splitDeployment(deployment: DeploymentSettings): RequestHandler {
  return (request, response, next) => {
    const audience = audienceOf(request.path);
    if (deployment.serves === 'everybody' || audience === 'everybody' || audience === deployment.serves) {
      next();
    } else if (isUserPage(request, audience)) {
      response.set('Cache-Control', 'no-store').redirect(`${deployment.url}${request.originalUrl}`);
    } else {
      next(new ServedElsewhere(audience, `${deployment.url}${request.path.replace(SECRET, '$1')}`));
    }
  };
}

function isUserPage(request: Request, audience: Audience): boolean {
  if (audience !== 'users' || !['GET', 'HEAD'].includes(request.method) || request.path.startsWith('/api/'))
    return false;
  return request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html';
}
