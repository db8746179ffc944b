import type { CertificateKind } from '@libs/tlog';
import { Oid } from './oids';

/** What a certificate is for, as callers and the log name it. */
export type { CertificateKind };
export const certificateKinds: readonly CertificateKind[] = ['user', 'computer', 'server'];

/** Bits of the KeyUsage extension (RFC 5280 §4.2.1.3). */
export const KeyUsage = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 } as const;

export interface CertificateProfile {
  readonly name: CertificateKind | 'root-ca' | 'intermediate-ca';
  readonly ca: boolean;
  /** Only for CAs: how many more CAs may follow below (RFC 5280 §4.2.1.9). */
  readonly pathLength?: number;
  /** Bits of the KeyUsage extension, ascending. */
  readonly keyUsage: readonly number[];
  readonly extendedKeyUsage: readonly string[];
  /** Whether the certificate carries DNS names; where it does, it must have at least one. */
  readonly dnsNames: boolean;
  readonly defaultValidityDays: number;
}

const client = {
  ca: false,
  keyUsage: [KeyUsage.digitalSignature],
  extendedKeyUsage: [Oid.clientAuth],
  dnsNames: false,
  defaultValidityDays: 90,
} as const;

const authority = {
  ca: true,
  keyUsage: [KeyUsage.keyCertSign, KeyUsage.crlSign],
  extendedKeyUsage: [],
  dnsNames: false,
} as const;

export const profiles: Readonly<Record<CertificateProfile['name'], CertificateProfile>> = {
  user: { name: 'user', ...client },
  computer: { name: 'computer', ...client },
  server: {
    name: 'server',
    ca: false,
    keyUsage: [KeyUsage.digitalSignature],
    extendedKeyUsage: [Oid.serverAuth],
    dnsNames: true,
    defaultValidityDays: 398,
  },
  'root-ca': { name: 'root-ca', ...authority, pathLength: 1, defaultValidityDays: 7300 },
  'intermediate-ca': { name: 'intermediate-ca', ...authority, pathLength: 0, defaultValidityDays: 1825 },
};
