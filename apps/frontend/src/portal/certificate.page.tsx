import type { TemplateOption } from '@libs/openvpn';
import type { MyCertificate } from '../my-certificates/my-certificate';
import { certificatePath, StateChip, titleOf } from './certificate-state';
import { DownloadIcon } from './icons';
import { CsrfField, Layout, type PageContext, type SignedIn } from './layout';
import { Day, Minute } from './moments';

interface CertificatePageProps {
  readonly context: PageContext;
  readonly person: SignedIn;
  readonly certificate: MyCertificate;
  readonly options: readonly TemplateOption[];
  /** How long the certificate works on after its renewal. */
  readonly overlapHours: number;
}

/** One certificate: what it is, and what its owner can do about it. */
export function CertificatePage({ context, person, certificate, options, overlapHours }: CertificatePageProps) {
  const title = titleOf(certificate);
  const mayWork = certificate.state === 'valid' || certificate.state === 'unknown';
  return (
    <Layout context={context} title={title}>
      <p>
        <a href="/">My VPN profiles</a>
      </p>
      <h1>{title}</h1>
      <div class="columns even">
        <Facts certificate={certificate} options={options} />
        <div class="stack">
          {certificate.linkReuse !== null && <ReuseWarning {...certificate.linkReuse} />}
          {mayWork && certificate.renewal === null && (
            <RenewalForm certificate={certificate} person={person} overlapHours={overlapHours} />
          )}
          {mayWork && <RevocationForm certificate={certificate} person={person} />}
        </div>
      </div>
    </Layout>
  );
}

function Facts({ certificate, options }: Pick<CertificatePageProps, 'certificate' | 'options'>) {
  const labels = new Map(options.map(({ id, label }) => [id, label]));
  const { renewal } = certificate;
  return (
    <section class="card" aria-labelledby="facts">
      <header>
        <h2 id="facts">Certificate</h2>
      </header>
      <div class="body">
        <dl class="facts">
          <dt>State</dt>
          <dd>
            <StateChip state={certificate.state} />
          </dd>
          <dt>Device</dt>
          <dd>{certificate.deviceName ?? 'not named'}</dd>
          <dt>Name in it</dt>
          <dd>{certificate.commonName}</dd>
          <dt>Options</dt>
          <dd>{certificate.options.map((id) => labels.get(id) ?? id).join(', ') || 'none'}</dd>
          <dt>Issued</dt>
          <dd>
            <Day moment={certificate.issuedAt} />
          </dd>
          <dt>Valid until</dt>
          <dd>
            <Day moment={certificate.expiresAt} />
          </dd>
          <dt>Serial number</dt>
          <dd>
            <code>{certificate.serialNumber}</code>
          </dd>
          <dt>Fingerprint</dt>
          <dd>
            <code>{certificate.fingerprint}</code>
          </dd>
          {renewal !== null && (
            <>
              <dt>Renewed by</dt>
              <dd>
                <a href={certificatePath({ fingerprint: renewal.renewedBy })}>a newer certificate</a>
              </dd>
              <dt>Works until</dt>
              <dd>
                <Minute moment={renewal.revocationDueAt} />
              </dd>
            </>
          )}
        </dl>
      </div>
    </section>
  );
}

function ReuseWarning({ count, lastAt, clientAddress }: NonNullable<MyCertificate['linkReuse']>) {
  return (
    <section class="card warning" role="alert">
      <div class="body">
        <h2>Its download link was used again</h2>
        <p>
          After the profile had been fetched, somebody opened its link{' '}
          {count === 1 ? 'once more' : `${String(count)} more times`}, last on <Minute moment={lastAt} /> from{' '}
          {clientAddress ?? 'an unknown address'}. They received nothing. If it was not you, somebody else has seen the
          link, and may have been the one who fetched the profile: revoke this certificate, and download another
          profile.
        </p>
      </div>
    </section>
  );
}

type FormProps = Pick<CertificatePageProps, 'certificate' | 'person'>;

function RenewalForm({ certificate, person, overlapHours }: FormProps & Pick<CertificatePageProps, 'overlapHours'>) {
  return (
    <section class="card" aria-labelledby="renewal">
      <header>
        <h2 id="renewal">Renew</h2>
        <p>A new profile with the same options. This one {lifeAfterRenewal(overlapHours)}.</p>
      </header>
      <form class="body" method="post" action={`${certificatePath(certificate)}/renewal`}>
        <CsrfField token={person.csrfToken} />
        <button class="button full">
          <DownloadIcon />
          Download renewed profile
        </button>
      </form>
    </section>
  );
}

function lifeAfterRenewal(hours: number): string {
  if (hours === 0) return 'is revoked as soon as you have it';
  const count = hours % 24 === 0 ? hours / 24 : hours;
  const unit = hours % 24 === 0 ? 'day' : 'hour';
  return `works on for ${String(count)} ${unit}${count === 1 ? '' : 's'}, so that you can change over`;
}

function RevocationForm({ certificate, person }: FormProps) {
  return (
    <section class="card" aria-labelledby="revocation">
      <header>
        <h2 id="revocation">Revoke</h2>
        <p>For a device that is lost or no longer used. It will never connect again, and this cannot be undone.</p>
      </header>
      <form class="body" method="post" action={`${certificatePath(certificate)}/revocation`}>
        <CsrfField token={person.csrfToken} />
        <label class="field">
          <span class="label">Why</span>
          <select name="reason">
            <option value="cessation_of_operation">I do not need it any more</option>
            <option value="key_compromise">It is lost, or somebody else may have it</option>
            <option value="superseded">I have another one</option>
            <option value="unspecified">I would rather not say</option>
          </select>
        </label>
        <button class="button danger full">Revoke for good</button>
      </form>
    </section>
  );
}
