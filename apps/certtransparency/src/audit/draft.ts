import type { CertificateKind } from '@libs/contracts';

interface DraftHeader {
  /** SHA-256 that, together with the type, names what the entry is about; a second entry of the same identity is the same entry. */
  readonly identity: Buffer;
  /** The private context as canonical JSON. */
  readonly context: string | null;
}

export interface IssuedDraft extends DraftHeader {
  readonly type: 'issued';
  readonly kind: CertificateKind;
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly commonName: string;
  readonly der: Buffer;
  readonly issuanceId: string | null;
}

export interface RevokedDraft extends DraftHeader {
  readonly type: 'revoked';
  /** Code of RFC 5280. */
  readonly reason: number;
  readonly revokedAt: number;
  readonly actor: string | null;
}

export interface CrlDraft extends DraftHeader {
  readonly type: 'crl';
  readonly issuer: Buffer;
  readonly crlNumber: number;
}

export interface KeyRotationDraft extends DraftHeader {
  readonly type: 'key_rotation';
  readonly verifierKey: string;
}

/** An entry that has been checked and waits for its place in the log; the sequencer adds time, salt and index. */
export type Draft = IssuedDraft | RevokedDraft | CrlDraft | KeyRotationDraft;

/** Number of the leaf type, by which the database tells identities apart. */
export const TYPE_NUMBERS: Readonly<Record<Draft['type'], number>> = { issued: 1, revoked: 2, crl: 3, key_rotation: 4 };
