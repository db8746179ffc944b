import { CsrfField, Layout, type PageContext, type SignedIn } from '../portal/layout';
import { CLI_LOGIN_PATH, type CliLogin } from './cli-login';

interface CliLoginPageProps {
  readonly context: PageContext;
  readonly person: SignedIn;
  readonly login: CliLogin;
  readonly optionLabels: readonly string[];
  readonly address: string;
  readonly device: string;
}

/** Asks before a program receives a link to a profile: any web page could have opened this address. */
export function CliLoginPage({ context, person, login, optionLabels, address, device }: CliLoginPageProps) {
  return (
    <Layout context={context} title="A program asks for a profile">
      <section class="card notice">
        <form class="body" method="post" action={CLI_LOGIN_PATH}>
          <h1>A program asks for a VPN profile</h1>
          <p>
            It waits on this computer and would receive a profile in your name. Go on only if you have just started it
            yourself.
          </p>
          <dl class="facts">
            <dt>Account</dt>
            <dd>{person.principal.email ?? person.principal.name}</dd>
            <dt>Waits on port</dt>
            <dd>{login.port}</dd>
            <dt>Options</dt>
            <dd>{optionLabels.length === 0 ? 'none' : optionLabels.join(', ')}</dd>
            <dt>Your address</dt>
            <dd>{address}</dd>
            <dt>Browser</dt>
            <dd>{device}</dd>
          </dl>
          <CsrfField token={person.csrfToken} />
          <input type="hidden" name="cli_port" value={String(login.port)} />
          <input type="hidden" name="optionset" value={login.options.join(',')} />
          <div class="actions">
            <button class="button">Give it the profile</button>
            <a class="button quiet" href="/">
              Cancel
            </a>
          </div>
        </form>
      </section>
    </Layout>
  );
}
