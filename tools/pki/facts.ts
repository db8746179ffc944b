import {
  type Issuer,
  type ParsedCrl,
  crlAuthorityOf,
  crlEntries,
  crlNumberOf,
  fingerprintOf,
  type ParsedCertificate,
  sha256,
  timeValue,
} from '@libs/pki';
import { REVOCATION_REASON_CODES } from '@libs/contracts';
import { type KeyObject, X509Certificate, createPublicKey } from 'node:crypto';
import { printable } from '../cli/refused';

/** One thing that a certificate or CRL says. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

const LABEL_WIDTH = 20;

export function factLines(facts: readonly Fact[]): string[] {
  return facts.map(({ label, value }) => `  ${label.padEnd(LABEL_WIDTH)}${printable(value)}`);
}

/** What a CA of ours says; every one of these has been linted. */
export function authorityFacts(title: string, issuer: Issuer): Fact[] {
  return [
    { label: title, value: subjectText(issuer.der) },
    ...certificateFacts(issuer.certificate),
    { label: 'Path length', value: issuer.pathLength === undefined ? 'unlimited' : String(issuer.pathLength) },
    { label: 'Key identifier', value: hex(issuer.keyIdentifier) },
    { label: 'Key SHA-256', value: issuer.spkiSha256.toString('hex') },
  ];
}

/** What any certificate says that can be read, ours or not. */
export function certificateFacts({ der, tbs }: ParsedCertificate): Fact[] {
  return [
    { label: 'Issuer', value: issuerText(der) },
    { label: 'Serial number', value: hex(tbs.serialNumber) },
    { label: 'Valid from', value: timeValue(tbs.notBefore, 'notBefore').toISOString() },
    { label: 'Valid until', value: timeValue(tbs.notAfter, 'notAfter').toISOString() },
    { label: 'Key', value: keyText(tbs.spki) },
    { label: 'SHA-256', value: fingerprintOf(der) },
  ];
}

/** What of a request counts. */
export function requestFacts(spki: Buffer): Fact[] {
  return [
    { label: 'Key', value: keyText(spki) },
    { label: 'Key SHA-256', value: sha256(spki).toString('hex') },
  ];
}

export function crlFacts(title: string, crl: ParsedCrl): Fact[] {
  const entries = [...crlEntries(crl)];
  const authority = crlAuthorityOf(crl);
  return [
    { label: title, value: `number ${crlNumberOf(crl) ?? 'missing'}` },
    { label: 'Key identifier', value: authority === undefined ? 'missing' : hex(authority) },
    { label: 'thisUpdate', value: crl.thisUpdate.toISOString() },
    { label: 'nextUpdate', value: crl.nextUpdate?.toISOString() ?? 'missing' },
    ...entries.map(({ serialNumber, revokedAt, reason }) => ({
      label: 'Revoked',
      value: `${serialNumber}, ${revokedAt.toISOString()}, ${reasonText(reason)}`,
    })),
    ...(entries.length === 0 ? [{ label: 'Revoked', value: 'nothing' }] : []),
  ];
}

/** Names of foreign certificates have any attributes, in any order: they are shown as OpenSSL reads them. */
export function subjectText(der: Buffer): string {
  return new X509Certificate(der).subject.split('\n').join(', ');
}

function issuerText(der: Buffer): string {
  return new X509Certificate(der).issuer.split('\n').join(', ');
}

export function keyText(spki: Buffer): string {
  const key: KeyObject = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const size = modulusLength ?? namedCurve;
  return `${key.asymmetricKeyType ?? 'unknown'}${size === undefined ? '' : ` ${size}`}`;
}

function reasonText(code: number): string {
  const found = Object.entries(REVOCATION_REASON_CODES).find(([, value]) => value === code);
  return found?.[0] ?? `reason ${code}`;
}

const hex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();
