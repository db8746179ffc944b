import { type Principal, ROLE_TITLES, type Role } from '@libs/auth';
import type { ComponentChildren } from 'preact';
import { CSRF_FIELD } from '../sessions/csrf.guard';
import { ICON_PATH, SCRIPT_PATH, STYLESHEET_PATH } from './assets';
import { ShieldIcon } from './icons';

/** What every page knows: the site, and who is looking at it. */
export interface PageContext {
  readonly siteName: string;
  /** What administrators have to say to everybody. */
  readonly announcement: string | null;
  readonly person: SignedIn | undefined;
}

export interface SignedIn {
  readonly principal: Principal;
  readonly csrfToken: string;
}

interface LayoutProps {
  readonly context: PageContext;
  readonly title: string;
  readonly children: ComponentChildren;
}

/** The frame of every page: header with name, roles and sign-out, footer. */
export function Layout({ context, title, children }: LayoutProps) {
  const { siteName, announcement, person } = context;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title === siteName ? siteName : `${title} · ${siteName}`}</title>
        <link rel="stylesheet" href={STYLESHEET_PATH} />
        <script src={SCRIPT_PATH} defer />
        <link rel="icon" type="image/svg+xml" href={ICON_PATH} />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <header class="bar">
          <div class="wide">
            <a class="brand" href="/">
              <ShieldIcon />
              {siteName}
            </a>
            {person && <Person {...person} />}
          </div>
        </header>
        <main id="content" class="wide">
          {announcement !== null && (
            <p class="announcement" role="note">
              {announcement}
            </p>
          )}
          {children}
        </main>
        <footer>
          <div class="wide">
            <span>Every certificate is recorded in an append-only log before it is handed out.</span>
            <a href="/api/docs">API</a>
          </div>
        </footer>
      </body>
    </html>
  );
}

function Person({ principal, csrfToken }: SignedIn) {
  return (
    <div class="person">
      <span>{principal.name}</span>
      {shownRoles(principal.roles).map((role) => (
        <span key={role} class="chip role">
          {ROLE_TITLES[role]}
        </span>
      ))}
      <form method="post" action="/auth/logout">
        <CsrfField token={csrfToken} />
        <button class="button quiet">Sign out</button>
      </form>
    </div>
  );
}

/** A service administrator has every role: naming one says it all. */
function shownRoles(roles: readonly Role[]): readonly Role[] {
  return roles.includes('service_administrator') ? ['service_administrator'] : roles;
}

export function CsrfField({ token }: { readonly token: string }) {
  return <input type="hidden" name={CSRF_FIELD} value={token} />;
}
