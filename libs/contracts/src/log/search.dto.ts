import { applyDecorators } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { PageQuery } from '../page.dto';
import type { PrivateContext } from '../private-context.dto';
import {
  CERTIFICATE_KINDS,
  type CertificateKind,
  IsIsoUtc,
  type IsoUtc,
  IsSha256Hex,
  type SerialHex,
  type Sha256Hex,
} from '../wire';
import type { RevocationRecord } from './revocations.dto';

/** Revoked comes first: a certificate that was revoked and has expired since is `revoked`. */
export const CERTIFICATE_STATUSES = ['valid', 'expired', 'revoked'] as const;
/** A certificate that was revoked and has expired since is `revoked`. */
export type CertificateStatus = (typeof CERTIFICATE_STATUSES)[number];

const IsLine = (maxLength: number) =>
  applyDecorators(
    IsString(),
    MaxLength(maxLength),
    Matches(/^[^\p{Cc}]*$/u, { message: '$property must not have control characters' }),
  );

/** Conditions of a search for certificates that a service may hand on as they are. A range includes its beginning and not its end. */
export class CertificateConditions extends PageQuery {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, 64 lower-case hex digits. */
  @IsOptional()
  @IsSha256Hex()
  issuer?: string;

  /** When the certificate was logged, at the earliest. */
  @IsOptional()
  @IsIsoUtc()
  issued_from?: string;

  /** When it was logged: before this. */
  @IsOptional()
  @IsIsoUtc()
  issued_to?: string;

  /** When it expires, at the earliest. */
  @IsOptional()
  @IsIsoUtc()
  expires_from?: string;

  /** When it expires: before this. */
  @IsOptional()
  @IsIsoUtc()
  expires_to?: string;
}

/**
 * Query of `GET /api/v1/certificates`; conditions that are given must all hold. Times are ISO 8601 in UTC; a range includes
 * its beginning and not its end.
 *
 * Newest first: by when certificates were issued, by when they expire where the search is about that (`expires_from`,
 * `expires_to`, status `expired`), by when they were revoked for status `revoked`.
 */
export class CertificateSearchQuery extends CertificateConditions {
  /** SHA-256 of the certificate's DER, 64 lower-case hex digits. */
  @IsOptional()
  @IsSha256Hex()
  fingerprint?: string;

  /** Serial number, 40 upper-case hex digits. */
  @IsOptional()
  @IsLine(40)
  serial?: string;

  /** The frontend's id of the user, in the private context. */
  @IsOptional()
  @IsLine(36)
  user_id?: string;

  /** Public id of the pre-shared key, in the private context. */
  @IsOptional()
  @IsLine(64)
  psk_id?: string;

  /** The frontend's issuance, in the private context. */
  @IsOptional()
  @IsLine(36)
  issuance_id?: string;

  /** What the certificate is for. */
  @IsOptional()
  @IsIn(CERTIFICATE_KINDS)
  kind?: CertificateKind;

  /** A part of the common name, taken literally, in upper or lower case. */
  @IsOptional()
  @IsLine(64)
  @MinLength(3)
  common_name?: string;

  /** At the moment `at`. */
  @IsOptional()
  @IsIn(CERTIFICATE_STATUSES)
  status?: CertificateStatus;

  /** The moment that `status` is asked about, by the log's own time; now when absent. */
  @IsOptional()
  @IsIsoUtc()
  at?: string;
}

/** The same as a plain object, for callers. */
export type CertificateSearch = Readonly<Pick<CertificateSearchQuery, keyof CertificateSearchQuery>>;

/** A certificate as the log knows it. */
export interface CertificateRecord {
  /** Log index of the issued entry. */
  readonly index: number;
  readonly fingerprint: Sha256Hex;
  readonly serial_number: SerialHex;
  readonly kind: CertificateKind;
  /** Of the subject. */
  readonly common_name: string;
  readonly issuer: Sha256Hex;
  readonly not_before: IsoUtc;
  readonly not_after: IsoUtc;
  readonly logged_at: IsoUtc;
  /** As of now, whatever moment was asked about. */
  readonly revocation: RevocationRecord | null;
  /** Null once erased, or if none was given. */
  readonly context: PrivateContext | null;
  /** DER in base64; only in the answer for one certificate. */
  readonly certificate?: string;
}
