import type { AuthenticatedRequest } from '@libs/auth';
import type { PageContext } from './layout';

/** A request that may have failed before it got as far as the session, in the body parser. */
type AnyRequest = Pick<AuthenticatedRequest, 'principal'> & { readonly session?: { readonly csrfToken?: string } };

/** Who is looking at a page. */
export function pageContext(siteName: string, { principal, session }: AnyRequest): PageContext {
  const csrfToken = session?.csrfToken;
  return { siteName, person: principal && csrfToken !== undefined ? { principal, csrfToken } : undefined };
}
