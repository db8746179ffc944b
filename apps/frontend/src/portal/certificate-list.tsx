import type { TemplateOption } from '@libs/openvpn';
import type { MyCertificate, MyCertificateState } from '../certificates/my-certificates.service';
import { KeyIcon } from './icons';

const STATES: Readonly<Record<MyCertificateState, { readonly label: string; readonly tone: string }>> = {
  valid: { label: 'Valid', tone: 'good' },
  expired: { label: 'Expired', tone: '' },
  revoked: { label: 'Revoked', tone: 'bad' },
  unknown: { label: 'Not known now', tone: '' },
};

interface CertificateListProps {
  readonly certificates: readonly MyCertificate[];
  readonly options: readonly TemplateOption[];
}

/** The certificates behind a person's profiles, with their state. */
export function CertificateList({ certificates, options }: CertificateListProps) {
  const labels = new Map(options.map(({ id, label }) => [id, label]));
  return (
    <section class="card" aria-labelledby="my-certificates" data-newest={certificates[0]?.fingerprint ?? ''}>
      <header>
        <h2 id="my-certificates">My certificates</h2>
        <p>Every profile you downloaded contains one of these.</p>
      </header>
      {certificates.length === 0 ? <Nothing /> : <Table certificates={certificates} labels={labels} />}
    </section>
  );
}

function Nothing() {
  return (
    <div class="empty">
      <KeyIcon />
      <p>Nothing here yet: your first profile will appear after its download.</p>
    </div>
  );
}

interface TableProps {
  readonly certificates: readonly MyCertificate[];
  readonly labels: ReadonlyMap<string, string>;
}

function Table({ certificates, labels }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby="my-certificates">
      <table>
        <thead>
          <tr>
            <th scope="col">Certificate</th>
            <th scope="col">Issued</th>
            <th scope="col">Valid until</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {certificates.map((certificate) => (
            <Row key={certificate.fingerprint} {...certificate} labels={labels} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  commonName,
  serialNumber,
  options,
  issuedAt,
  expiresAt,
  state,
  labels,
}: MyCertificate & Pick<TableProps, 'labels'>) {
  const { label, tone } = STATES[state];
  return (
    <tr>
      <td>
        {commonName}
        <span class="hint">{options.map((id) => labels.get(id) ?? id).join(' · ') || 'No options'}</span>
        <span class="hint">
          Serial number <code>{serialNumber}</code>
        </span>
      </td>
      <td data-label="Issued">
        <Day moment={issuedAt} />
      </td>
      <td data-label="Valid until">
        <Day moment={expiresAt} />
      </td>
      <td data-label="State">
        <span class={`chip ${tone}`}>{label}</span>
      </td>
    </tr>
  );
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

function Day({ moment }: { readonly moment: Date }) {
  const iso = moment.toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {DAY.format(moment)}
    </time>
  );
}
