import type { ProblemDocument } from '@libs/http';
import { Layout, type PageContext } from './layout';

interface ErrorPageProps {
  readonly context: PageContext;
  readonly problem: ProblemDocument;
}

const TITLES: Readonly<Record<string, string>> = {
  not_found: 'There is no such page',
  internal_error: 'Something went wrong here',
};

/** A failure as a person reads it: what happened, what can be done, and what to quote when asking for help. */
export function ErrorPage({ context, problem }: ErrorPageProps) {
  const title = TITLES[problem.code] ?? problem.title;
  const elsewhere = typeof problem['url'] === 'string' ? problem['url'] : undefined;
  const canSignIn = problem.status === 401 || problem.code.startsWith('login_');
  return (
    <Layout context={context} title={title}>
      <section class="card notice">
        <div class="body">
          <p>
            <span class={problem.status >= 500 ? 'chip bad' : 'chip'}>{problem.status}</span>
          </p>
          <h1>{title}</h1>
          {problem.detail !== undefined && <p>{problem.detail}</p>}
          {problem.status === 503 && (
            <p>Nothing was lost. This usually passes by itself: please try again in a moment.</p>
          )}
          <div class="actions">
            {elsewhere !== undefined && (
              <a class="button" href={elsewhere}>
                Go there
              </a>
            )}
            {canSignIn && (
              <a class="button" href={signInPath(problem)}>
                Sign in
              </a>
            )}
            <a class={canSignIn || elsewhere !== undefined ? 'button quiet' : 'button'} href="/">
              To the start page
            </a>
          </div>
          {problem.request_id !== undefined && (
            <p class="hint reference">
              If you ask for help, mention <code>{problem.request_id}</code>.
            </p>
          )}
        </div>
      </section>
    </Layout>
  );
}

/** Back to the page that asked for the login; a login that failed starts afresh. */
function signInPath({ status, instance }: ProblemDocument): string {
  return status === 401 ? `/auth/login?${new URLSearchParams({ next: instance }).toString()}` : '/auth/login';
}
