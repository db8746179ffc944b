import { type Role, ROLE_TITLES } from '@libs/auth';

/** What each role that administers may do, in the order in which it is told. */
const ABILITIES: readonly { readonly role: Role; readonly text: string }[] = [
  { role: 'auditor', text: 'search every certificate and see who it was for' },
  { role: 'certificate_administrator', text: 'revoke certificates' },
  { role: 'system_administrator', text: 'create and revoke the pre-shared keys of servers and computers' },
  { role: 'service_administrator', text: 'end sessions, keep people out, make API tokens, change the settings' },
];

export function administers(roles: readonly Role[]): boolean {
  return ABILITIES.some(({ role }) => roles.includes(role));
}

/** For those with such a role: what it allows, and where the API is that does it. */
export function Administration({ roles, url = '' }: { readonly roles: readonly Role[]; readonly url?: string }) {
  return (
    <section class="card" aria-labelledby="administration">
      <header>
        <h2 id="administration">Administration</h2>
        <p>Your roles allow you to do this through the API:</p>
      </header>
      <div class="body">
        <ul class="abilities">
          {ABILITIES.filter(({ role }) => roles.includes(role)).map(({ role, text }) => (
            <li key={role}>
              {text}
              <span class="hint">{ROLE_TITLES[role]}</span>
            </li>
          ))}
        </ul>
        <a class="button quiet" href={`${url}/api/docs`}>
          Open the API’s documentation
        </a>
      </div>
    </section>
  );
}
