import type { ErrorPageRenderer } from '@libs/http';
import type { Settings } from '../settings/settings.service';
import { ErrorPage } from './error.page';
import { pageContext } from './page-context';
import { renderPage } from './render-page';

/** A page for a browser that shows the answer to a person; problem documents for the API and for every program. */
export function errorPages(settings: Settings): ErrorPageRenderer {
  return (problem, request) => {
    const isApi = request.path.startsWith('/api/');
    const wantsPage = request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html';
    if (isApi || !wantsPage) return undefined;
    return renderPage(<ErrorPage context={pageContext(settings.recent(), request)} problem={problem} />);
  };
}
