import type { TemplateOption } from '@libs/openvpn';
import type { MyCertificate } from '../my-certificates/my-certificate';
import { certificatePath, StateChip, titleOf } from './certificate-state';
import { KeyIcon } from './icons';
import { Day } from './moments';

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
            <Row key={certificate.fingerprint} certificate={certificate} labels={labels} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<TableProps, 'labels'> {
  readonly certificate: MyCertificate;
}

function Row({ certificate, labels }: RowProps) {
  const { serialNumber, options, issuedAt, expiresAt, state, renewal, linkReuse } = certificate;
  return (
    <tr>
      <td>
        <a href={certificatePath(certificate)}>{titleOf(certificate)}</a>
        <span class="hint">{options.map((id) => labels.get(id) ?? id).join(' · ') || 'No options'}</span>
        <span class="hint">
          Serial number <code>{serialNumber}</code>
        </span>
        {linkReuse !== null && <span class="chip bad">Its link was used again</span>}
      </td>
      <td data-label="Issued">
        <Day moment={issuedAt} />
      </td>
      <td data-label="Valid until">
        <Day moment={renewal === null || state !== 'valid' ? expiresAt : renewal.revocationDueAt} />
      </td>
      <td data-label="State">
        <StateChip state={state} />
      </td>
    </tr>
  );
}
