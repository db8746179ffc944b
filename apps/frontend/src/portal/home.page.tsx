import type { TemplateOption } from '@libs/openvpn';
import type { MyCertificate } from '../my-certificates/my-certificate';
import { Administration, administers } from './administration';
import { CertificateList } from './certificate-list';
import { DownloadIcon } from './icons';
import { CsrfField, Layout, type PageContext, type SignedIn } from './layout';

interface HomePageProps {
  readonly context: PageContext;
  readonly person: SignedIn;
  readonly options: readonly TemplateOption[];
  readonly certificates: readonly MyCertificate[];
  /** Address of the frontend that serves administrators; empty: this one. */
  readonly adminUrl: string;
}

/** The start page of a signed-in person: a new profile, and what they already have. */
export function HomePage({ context, person, options, certificates, adminUrl }: HomePageProps) {
  const { principal, csrfToken } = person;
  const isUser = principal.roles.includes('user');
  return (
    <Layout context={context} title="My VPN profiles">
      <h1>Hello, {principal.name}</h1>
      <p class="lead">
        {isUser
          ? 'Download a profile for each of your devices and open it with OpenVPN or OpenVPN Connect.'
          : 'Your account has no access to VPN profiles. If you need one, please ask your administrator.'}
      </p>
      <div class="columns">
        <div class="stack">
          {isUser && <NewProfile options={options} csrfToken={csrfToken} />}
          {administers(principal.roles) && <Administration roles={principal.roles} url={adminUrl} />}
        </div>
        <CertificateList certificates={certificates} options={options} />
      </div>
    </Layout>
  );
}

function NewProfile({
  options,
  csrfToken,
}: {
  readonly options: readonly TemplateOption[];
  readonly csrfToken: string;
}) {
  return (
    <section class="card" aria-labelledby="new-profile">
      <header>
        <h2 id="new-profile">New profile</h2>
        <p>It holds a key of its own: never share one, and download another for every device.</p>
      </header>
      <form class="body" method="post" action="/profiles">
        <CsrfField token={csrfToken} />
        <label class="field">
          <span class="label">Device</span>
          <input name="device_name" maxLength={64} autocomplete="off" aria-describedby="about-device" />
          <span class="hint" id="about-device">
            What you call it, such as “Laptop”; you may leave this empty.
          </span>
        </label>
        {options.length > 0 && (
          <fieldset>
            <legend>Options</legend>
            {options.map((option) => (
              <Choice key={option.id} {...option} />
            ))}
          </fieldset>
        )}
        <button class="button full">
          <DownloadIcon />
          Download profile
        </button>
        <p class="hint below" data-reload-hint>
          Reload this page after a download to see its certificate in the list.
        </p>
        <p class="hint below">
          No browser on the device? <a href="/device">Connect it with a code.</a>
        </p>
      </form>
    </section>
  );
}

function Choice({ id, label, description }: TemplateOption) {
  return (
    <label class="option">
      <input type="checkbox" name="options" value={id} aria-describedby={`about-${id}`} />
      <span>{label}</span>
      <span class="hint" id={`about-${id}`}>
        {description}
      </span>
    </label>
  );
}
