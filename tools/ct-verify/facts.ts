import type { Checkpoint, Leaf, ProvenEntry } from '@libs/tlog';
import type { Fact } from './verdict';

/** What a checkpoint says. */
export function logFacts({ origin, size, root }: Checkpoint): Fact[] {
  return [
    { name: 'origin', label: 'Log', value: origin },
    { name: 'log_size', label: 'Log size', value: size },
    { name: 'root_hash', label: 'Root hash', value: root.toString('base64') },
  ];
}

/** What an entry says that has been proven, and where it stands. */
export function entryFacts(leaf: Leaf, { index, checkpoint }: ProvenEntry): Fact[] {
  return [
    { name: 'type', label: 'Entry type', value: TYPE_LABELS[leaf.type] },
    ...bodyFacts(leaf),
    { name: 'index', label: 'Index', value: index },
    { name: 'logged_at', label: 'Logged at', value: timeText(leaf.loggedAt) },
    ...logFacts(checkpoint),
  ];
}

const TYPE_LABELS: Readonly<Record<Leaf['type'], string>> = {
  issued: 'certificate issued',
  revoked: 'certificate revoked',
  crl: 'CRL published',
  key_rotation: 'key rotation',
};

function bodyFacts(leaf: Leaf): Fact[] {
  switch (leaf.type) {
    case 'issued':
      return [
        { name: 'common_name', label: 'Common name', value: leaf.commonName },
        { name: 'kind', label: 'Kind', value: leaf.kind },
        { name: 'serial_number', label: 'Serial number', value: leaf.serial.toString('hex').toUpperCase() },
        { name: 'not_before', label: 'Valid from', value: timeText(leaf.notBefore) },
        { name: 'not_after', label: 'Valid until', value: timeText(leaf.notAfter) },
        { name: 'fingerprint', label: 'SHA-256', value: leaf.fingerprint.toString('hex') },
        { name: 'issuer', label: 'Issuer key', value: leaf.issuer.toString('hex') },
      ];
    case 'revoked':
      return [
        { name: 'fingerprint', label: 'SHA-256', value: leaf.fingerprint.toString('hex') },
        { name: 'reason_code', label: 'Reason code', value: leaf.reason },
        { name: 'revoked_at', label: 'Revoked at', value: timeText(leaf.revokedAt) },
        { name: 'issued_index', label: 'Issued by entry', value: leaf.issuedIndex },
        { name: 'issuer', label: 'Issuer key', value: leaf.issuer.toString('hex') },
      ];
    case 'crl':
      return [
        { name: 'crl_number', label: 'CRL number', value: leaf.crlNumber },
        { name: 'crl_sha256', label: 'CRL SHA-256', value: leaf.crlSha256.toString('hex') },
        { name: 'issuer', label: 'Issuer key', value: leaf.issuer.toString('hex') },
      ];
    case 'key_rotation':
      return [{ name: 'verifier_key', label: 'New key', value: leaf.verifierKey }];
  }
}

/** Milliseconds since 1970 as ISO 8601; a leaf can hold times that a Date cannot. */
export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms after 1970` : date.toISOString();
}
