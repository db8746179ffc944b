import type { DevelopmentAccount } from './identity-provider-accounts';

const STYLE = `
:root { color-scheme: light dark; --edge: light-dark(#d5dae3, #39404d); --field: light-dark(#808b9d, #667286); --soft: light-dark(#5b6472, #a3acba); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: clamp(.5rem, 4vw, 1.5rem);
  font: 16px/1.5 system-ui, sans-serif; color: light-dark(#1c2330, #e8ebf0); background: light-dark(#f2f4f8, #14171d); }
main { width: 100%; min-width: 0; max-width: 26rem; padding: clamp(1rem, 6vw, 2rem); border: 1px solid var(--edge); border-radius: 12px;
  background: light-dark(#fff, #1d222b); }
h1 { margin: 0 0 .25rem; font-size: 1.35rem; }
p { margin: 0 0 1.25rem; color: var(--soft); }
.problem { color: light-dark(#a3221c, #ff9d96); font-weight: 600; }
label { display: block; margin-bottom: 1rem; font-weight: 600; }
input { display: block; width: 100%; margin-top: .3rem; padding: .55rem .7rem; font: inherit; border: 1px solid var(--field);
  border-radius: 8px; background: transparent; color: inherit; }
button, .button { font: inherit; font-weight: 600; padding: .6rem 1rem; border-radius: 8px; border: 1px solid transparent; cursor: pointer;
  background: #2b50c8; color: #fff; }
a.button { text-decoration: none; }
.reason { margin: 1.25rem 0 0; font-size: .9rem; }
button.quiet { background: transparent; color: inherit; border-color: var(--edge); }
.actions { display: flex; gap: .75rem; }
table { width: 100%; margin-top: 1.5rem; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; padding: .4rem .7rem .4rem 0; border-top: 1px solid var(--edge); vertical-align: baseline; }
td:last-child { color: var(--soft); }`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** A failed attempt: what to say about it, and the user name to keep. */
interface FailedLogin {
  readonly problem: string;
  readonly username: string;
}

/** The login form, which tells the accounts and their passwords: nothing here is secret. */
export function loginPage(accounts: readonly DevelopmentAccount[], failed?: FailedLogin): string {
  const rows = accounts.map(
    ({ username, password, hint }) =>
      `<tr><td><code>${escape(username)}</code></td><td><code>${escape(password)}</code></td><td>${escape(hint)}</td></tr>`,
  );
  const focus = (isHere: boolean) => (isHere ? ' autofocus' : '');
  return frame(
    'Sign in',
    `<h1>Sign in</h1>
<p>Development identity provider: it stands in for your organisation’s own.</p>
${failed === undefined ? '' : `<p class="problem" role="alert">${escape(failed.problem)}</p>`}
<form method="post" autocomplete="off">
<label>User name<input name="username" value="${escape(failed?.username ?? '')}"${focus(!failed)} autocapitalize="none"></label>
<label>Password<input name="password" type="password"${focus(failed !== undefined)}></label>
<div class="actions"><button name="action" value="login">Sign in</button>
<button class="quiet" name="action" value="cancel" formnovalidate>Cancel</button></div>
</form>
<table><thead><tr><th>User name</th><th>Password</th><th>Can do</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
  );
}

/** A login that cannot be finished, with the way back to where it can be started again. */
export function brokenLoginPage(reason: string, portalUrl: string): string {
  return frame(
    'This login cannot go on',
    `<h1>This login cannot go on</h1>
<p>It was left open for too long, or was finished already. Please start it again.</p>
<div class="actions"><a class="button" href="${escape(portalUrl)}">To the portal</a></div>
<p class="reason">Reason: ${escape(reason)}</p>`,
  );
}

/** Whether to end the provider's session as well. @param form that of the library, with the name `op.logoutForm` */
export function logoutPage(form: string): string {
  return frame(
    'Sign out',
    `<h1>Sign out here, too?</h1>
<p>The portal has signed you out. This development identity provider asks for the login every time anyway.</p>
${form}
<div class="actions"><button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button class="quiet" form="op.logoutForm">Stay signed in</button></div>`,
  );
}

function frame(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>${title} · development identity provider</title><style>${STYLE}</style></head>
<body><main>
${content}
</main></body></html>`;
}
