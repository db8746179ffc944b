import type { AuthenticatedRequest } from '@libs/auth';
import type { SettingsValues } from '../settings/settings-values';
import type { PageContext } from './layout';

/** A request that may have failed before it got as far as the session, in the body parser. */
type AnyRequest = Pick<AuthenticatedRequest, 'principal'> & { readonly session?: { readonly csrfToken?: string } };

/** What administrators have set for every page, and who is looking at it. */
export function pageContext(
  { site_name: siteName, announcement }: Pick<SettingsValues, 'site_name' | 'announcement'>,
  { principal, session }: AnyRequest,
): PageContext {
  const csrfToken = session?.csrfToken;
  const person = principal && csrfToken !== undefined ? { principal, csrfToken } : undefined;
  return { siteName, announcement, person };
}
