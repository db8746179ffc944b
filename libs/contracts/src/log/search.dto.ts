import { IsWholeNumber } from '@libs/http';
import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { PrivateContext } from '../private-context.dto';
import { CERTIFICATE_KINDS, IsIsoUtc, IsSha256Hex, type CertificateKind } from '../wire';
import type { RevocationRecord } from './revocations.dto';

/** Revoked comes first: a certificate that was revoked and has expired since is `revoked`. */
export const CERTIFICATE_STATUSES = ['valid', 'expired', 'revoked'] as const;
export type CertificateStatus = (typeof CERTIFICATE_STATUSES)[number];

const IsLine = (maxLength: number) =>
  applyDecorators(
    IsString(),
    MaxLength(maxLength),
    Matches(/^[^\p{Cc}]*$/u, { message: '$property must not have control characters' }),
  );

/**
 * Query of `GET /api/v1/certificates`; conditions that are given must all hold. Times are ISO 8601 in UTC; a range includes
 * its beginning and not its end.
 *
 * Newest first: by when certificates were issued, by when they expire where the search is about that (`expires_from`,
 * `expires_to`, status `expired`), by when they were revoked for status `revoked`.
 */
export class CertificateSearchQuery {
  @IsOptional()
  @IsSha256Hex()
  fingerprint?: string;

  @IsOptional()
  @IsLine(40)
  serial?: string;

  @IsOptional()
  @IsLine(36)
  user_id?: string;

  @IsOptional()
  @IsLine(64)
  psk_id?: string;

  @IsOptional()
  @IsLine(36)
  issuance_id?: string;

  @IsOptional()
  @IsSha256Hex()
  issuer?: string;

  @IsOptional()
  @IsIn(CERTIFICATE_KINDS)
  kind?: CertificateKind;

  /** A part of the common name, taken literally, in upper or lower case. */
  @IsOptional()
  @IsLine(64)
  @MinLength(3)
  common_name?: string;

  @IsOptional()
  @IsIn(CERTIFICATE_STATUSES)
  status?: CertificateStatus;

  /** The moment that `status` is asked about, by the log's own time; now when absent. */
  @IsOptional()
  @IsIsoUtc()
  at?: string;

  /** When the certificate was logged. */
  @IsOptional()
  @IsIsoUtc()
  issued_from?: string;

  @IsOptional()
  @IsIsoUtc()
  issued_to?: string;

  @IsOptional()
  @IsIsoUtc()
  expires_from?: string;

  @IsOptional()
  @IsIsoUtc()
  expires_to?: string;

  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, 200)
  limit?: number;

  /** `next_cursor` of the page before, which was asked for with the same conditions. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** The same as a plain object, for callers. */
export type CertificateSearch = Readonly<Pick<CertificateSearchQuery, keyof CertificateSearchQuery>>;

/** A certificate as the log knows it. */
export interface CertificateRecord {
  readonly index: number;
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly kind: CertificateKind;
  readonly common_name: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly logged_at: string;
  /** As of now, whatever moment was asked about. */
  readonly revocation: RevocationRecord | null;
  /** Null once erased, or if none was given. */
  readonly context: PrivateContext | null;
  /** DER in base64; only in the answer for one certificate. */
  readonly certificate?: string;
}
