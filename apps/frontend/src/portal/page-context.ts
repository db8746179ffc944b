import type { AuthenticatedRequest } from '@libs/auth';
import { sessionOf } from '../sessions/session.store';
import type { SettingsValues } from '../settings/settings-values';
import type { PageContext } from './layout';

/** What administrators have set for every page, and who is looking at it. */
export function pageContext(
  { site_name: siteName, announcement }: Pick<SettingsValues, 'site_name' | 'announcement'>,
  request: AuthenticatedRequest,
): PageContext {
  const { principal } = request;
  const csrfToken = sessionOf(request)?.csrfToken;
  const person = principal && csrfToken !== undefined ? { principal, csrfToken } : undefined;
  return { siteName, announcement, person };
}
