import { type Issuer, type ParsedCertificate, type ParsedCrl, crlSerialNumbers } from '@libs/pki';
import type { Ceremony } from '../ceremony';
import { type ImportPlan, required } from '../ceremony-plan';
import { issuerFrom, rootCrlFrom } from '../pki-files';
import { serialText } from '../serial-text';
import { caFindings } from './ca-fitness';
import type { ExistingCa } from './ca-folder';
import { type Finding, blocking } from './finding';
import { formerRevocations } from './former-revocations';

/** What stands above an intermediate that is taken over. */
export interface SuperiorRoot {
  readonly certificate: ParsedCertificate;
  readonly crl: ParsedCrl;
  readonly crlPem: Buffer;
}

/** @throws Refused unless the ceremony file names a CA certificate and a CRL of it */
export async function readSuperior(ceremony: Ceremony, plan: ImportPlan): Promise<SuperiorRoot> {
  const path = required(plan.rootCertificate, 'import.root_certificate');
  const crlPath = required(plan.rootCrl, 'import.root_crl');
  const issuer: Issuer = issuerFrom(await ceremony.read(path), path);
  const crlPem = await ceremony.read(crlPath);
  return { certificate: issuer.certificate, crlPem, crl: rootCrlFrom(crlPem, crlPath, issuer).crl };
}

/** What keeps an intermediate from working below its root, or would let in again what was revoked. */
export function superiorFindings({ certificate, crl }: SuperiorRoot, ca: ExistingCa, now: Date): Finding[] {
  const ofRoot = caFindings({ certificate, role: 'root', root: undefined, now });
  const findings = ofRoot.map((finding) => ({ ...finding, text: `The root: ${finding.text}` }));
  if (crl.nextUpdate === undefined || crl.nextUpdate <= now) {
    findings.push(blocking('root-crl', "The root's CRL has expired, and an expired one locks everybody out."));
  }
  if ([...crlSerialNumbers(crl)].includes(serialText(ca.certificate.tbs.serialNumber))) {
    findings.push(blocking('revoked', 'The root has revoked it.'));
  }
  return [...findings, ...revocationFindings(ca, now)];
}

/** The signing service makes its CRLs from the log, and that does not know what was revoked before. */
function revocationFindings(ca: ExistingCa, now: Date): Finding[] {
  const { crl, revoked, findings } = formerRevocations(ca, now);
  const count = new Set([...revoked.map(({ serialNumber }) => serialNumber), ...(crl ? crlSerialNumbers(crl) : [])])
    .size;
  if (count === 0) return [...findings];
  return [
    ...findings,
    blocking(
      'revocations',
      `It has revoked ${count} certificates, which the log does not know: its next CRL would let them in again. ` +
        'Make a new intermediate, and let the root revoke this one once its certificates have been replaced.',
    ),
  ];
}
