import { KeyIcon, ListIcon, ShieldIcon } from './icons';
import { Layout, type PageContext } from './layout';

/** What a visitor sees who is not signed in. */
export function LandingPage({ context }: { readonly context: PageContext }) {
  return (
    <Layout context={context} title={context.siteName}>
      <section class="hero">
        <h1>{context.siteName}</h1>
        <p class="lead">
          Sign in with your organisation’s account and download a ready profile for OpenVPN: no certificate requests, no
          tickets, no waiting.
        </p>
        <div class="actions">
          <a class="button" href="/auth/login">
            Sign in
          </a>
        </div>
      </section>
      <ul class="points">
        <li class="card">
          <KeyIcon />
          <h2>Your key stays yours</h2>
          <p>The private key is made for your download alone and is kept nowhere else.</p>
        </li>
        <li class="card">
          <ListIcon />
          <h2>Nothing happens unseen</h2>
          <p>No certificate exists that is not in an append-only log, which anyone entitled can verify.</p>
        </li>
        <li class="card">
          <ShieldIcon />
          <h2>Revoked means revoked</h2>
          <p>Once its certificate is revoked, a lost device never connects again.</p>
        </li>
      </ul>
    </Layout>
  );
}
