import { CsrfField, Layout, type PageContext, type SignedIn } from '../portal/layout';
import { Minute } from '../portal/moments';

export const DEVICE_PATH = '/device';

interface PageProps {
  readonly context: PageContext;
}

/** Where a person types the code that a device shows. */
export function DeviceCodePage({ context, problem }: PageProps & { readonly problem: string | undefined }) {
  return (
    <Layout context={context} title="Connect a device">
      <section class="card notice">
        <form class="body" method="get" action={DEVICE_PATH}>
          <h1>Connect a device</h1>
          <p id="about-code">Type the code that the device shows.</p>
          {problem !== undefined && (
            <p class="problem" role="alert" id="code-problem">
              {problem}
            </p>
          )}
          <label class="field">
            <span class="label">Code</span>
            <input
              name="user_code"
              required
              maxLength={16}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              placeholder="BCDF-GHJK"
              aria-describedby={problem === undefined ? 'about-code' : 'about-code code-problem'}
              aria-invalid={problem !== undefined}
            />
          </label>
          <div class="actions">
            <button class="button">Continue</button>
          </div>
        </form>
      </section>
    </Layout>
  );
}

/** What a person should know before a device acts for them. */
export interface WaitingDevice {
  readonly userCode: string;
  readonly name: string;
  readonly address: string;
  readonly program: string;
  readonly since: Date;
}

interface ConfirmationProps extends PageProps {
  readonly person: SignedIn;
  readonly device: WaitingDevice;
}

/** Asks before a device receives anything: somebody may have talked the person into typing the code of theirs. */
export function DeviceConfirmationPage({ context, person, device }: ConfirmationProps) {
  return (
    <Layout context={context} title="A device asks for access">
      <section class="card notice">
        <form class="body" method="post" action={DEVICE_PATH}>
          <h1>A device asks for access</h1>
          <p>
            It would fetch VPN profiles in your name, and could list and revoke yours, for some minutes. Go on only if
            it is yours, shows this code, and you have just started it yourself.
          </p>
          <dl class="facts">
            <dt>Account</dt>
            <dd>{person.principal.email ?? person.principal.name}</dd>
            <dt>Code</dt>
            <dd>
              <code>{device.userCode}</code>
            </dd>
            <dt>Device</dt>
            <dd>{device.name}</dd>
            <dt>Its address</dt>
            <dd>{device.address}</dd>
            <dt>Program</dt>
            <dd>{device.program}</dd>
            <dt>Asked</dt>
            <dd>
              <Minute moment={device.since} />
            </dd>
          </dl>
          <CsrfField token={person.csrfToken} />
          <input type="hidden" name="user_code" value={device.userCode} />
          <div class="actions">
            <button class="button" name="decision" value="approved">
              Allow this device
            </button>
            <button class="button quiet" name="decision" value="refused">
              Refuse
            </button>
          </div>
        </form>
      </section>
    </Layout>
  );
}

/** After the decision: the device goes on by itself. */
export function DeviceDecidedPage({ context, approved }: PageProps & { readonly approved: boolean }) {
  return (
    <Layout context={context} title={approved ? 'The device may go on' : 'The device was refused'}>
      <section class="card notice">
        <div class="body">
          <h1>{approved ? 'The device may go on' : 'The device was refused'}</h1>
          <p>{approved ? 'It will notice within a few seconds. You can close this page.' : 'It receives nothing.'}</p>
          <div class="actions">
            <a class="button quiet" href="/">
              To the start page
            </a>
          </div>
        </div>
      </section>
    </Layout>
  );
}
