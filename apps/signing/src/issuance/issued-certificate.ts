import type { CertificateKind, IssuedCertificate } from '@libs/contracts';
import { type Issuer, fingerprintOf, onlyCommonName, parseCertificate, timeValue, toPem } from '@libs/pki';
import type { ExpectedIssued, ReceivedReceipt } from '../log/receipt-verifier';

/** The leaf that the log must have recorded for the certificate, all of it read from the certificate itself. */
export function expectedLeaf(
  { der, kind }: { readonly der: Buffer; readonly kind: CertificateKind },
  issuer: Issuer,
): ExpectedIssued {
  const { tbs } = parseCertificate(der);
  return {
    issuer: issuer.spkiSha256,
    fingerprint: Buffer.from(fingerprintOf(der), 'hex'),
    kind,
    serial: tbs.serialNumber,
    notBefore: timeValue(tbs.notBefore, 'notBefore').getTime(),
    notAfter: timeValue(tbs.notAfter, 'notAfter').getTime(),
    commonName: onlyCommonName(tbs.subject),
    der,
  };
}

/** The answer to the caller, once the receipt has been verified. */
export function issuedCertificate(
  { der }: { readonly der: Buffer },
  chain: IssuedCertificate['chain'],
  { receipt, index }: ReceivedReceipt,
): IssuedCertificate {
  const { tbs } = parseCertificate(der);
  return {
    certificate: toPem('CERTIFICATE', der),
    chain,
    receipt,
    serial_number: tbs.serialNumber.toString('hex').toUpperCase(),
    fingerprint: fingerprintOf(der),
    log_index: index,
    not_before: timeValue(tbs.notBefore, 'notBefore').toISOString(),
    not_after: timeValue(tbs.notAfter, 'notAfter').toISOString(),
  };
}
