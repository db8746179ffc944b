import type { EnvironmentReader } from '@libs/config';

/**
 * Whether one frontend serves everybody, or people and administrators have one each, at addresses of their own. `url` is
 * that of the other one, without a slash at its end.
 */
export type DeploymentSettings =
  | { readonly serves: 'everybody' }
  | { readonly serves: 'users'; readonly url: string }
  | { readonly serves: 'administrators'; readonly url: string };

export function deploymentSettings(env: EnvironmentReader): DeploymentSettings {
  const isSet = (name: string) => env.optionalString(name) !== undefined;
  const admin = isSet('ADMIN_URL_BASE') ? env.httpUrl('ADMIN_URL_BASE') : undefined;
  const user = isSet('USER_URL_BASE') ? env.httpUrl('USER_URL_BASE') : undefined;
  if (admin !== undefined && user !== undefined)
    env.problem('ADMIN_URL_BASE and USER_URL_BASE are both set: a frontend that is neither serves nobody');
  if (admin !== undefined) return Object.freeze({ serves: 'users', url: admin });
  if (user !== undefined) return Object.freeze({ serves: 'administrators', url: user });
  return Object.freeze({ serves: 'everybody' });
}
