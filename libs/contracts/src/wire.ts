import { applyDecorators } from '@nestjs/common';
import { certificateKinds, type CertificateKind } from '@libs/pki';
import { Matches, ValidateBy, ValidateIf } from 'class-validator';

/** Lower-case hex of a SHA-256 digest: certificate fingerprints (of the DER) and issuer ids (of the issuer's SPKI). */
export const SHA256_HEX = /^[0-9a-f]{64}$/;
/** Upper-case hex of the 20 serial number bytes (RFC 5280 §4.1.2.2). */
export const SERIAL_HEX = /^[0-9A-F]{40}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Standard base64 with padding, one line. */
export const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** ISO 8601 in UTC with at most milliseconds, as `Date#toISOString` prints it. */
export const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

export const IsSha256Hex = () =>
  applyDecorators(Matches(SHA256_HEX, { message: '$property must be 64 lower-case hex digits' }));
export const IsSerialHex = () =>
  applyDecorators(Matches(SERIAL_HEX, { message: '$property must be 40 upper-case hex digits' }));
/** Left out, or valid: unlike `IsOptional` it takes null for a value. */
export const MayBeLeftOut = () => ValidateIf((_: object, value: unknown) => value !== undefined);
export const IsBase64Line = () => applyDecorators(Matches(BASE64, { message: '$property must be base64' }));
export const IsIsoUtc = () =>
  applyDecorators(
    Matches(ISO_UTC, { message: '$property must be an ISO 8601 time in UTC, ending in Z' }),
    ValidateBy({ name: 'isMoment', validator: { validate: isMoment } }, { message: '$property is not a date' }),
  );

/** The 31st of February has the form of a date. What has not is for the form's own rule to refuse. */
function isMoment(value: unknown): boolean {
  if (typeof value !== 'string' || !ISO_UTC.test(value)) return true;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value.slice(0, 19));
}

/**
 * SHA-256 in 64 lower-case hex digits: of a certificate's DER its fingerprint, of an issuer's SubjectPublicKeyInfo its id.
 *
 * @pattern ^[0-9a-f]{64}$
 */
export type Sha256Hex = string;

/**
 * Serial number of a certificate: 20 bytes in upper-case hex (RFC 5280 §4.1.2.2).
 *
 * @pattern ^[0-9A-F]{40}$
 */
export type SerialHex = string;

/**
 * A moment in UTC, with milliseconds: `2025-11-24T12:00:00.000Z`.
 *
 * @format date-time
 */
export type IsoUtc = string;

/**
 * In lower case.
 *
 * @format uuid
 */
export type Uuid = string;

/** What a certificate is for; it decides its extended key usage, its names and its validity. */
export const CERTIFICATE_KINDS = certificateKinds;
export type { CertificateKind };

/** The reasons of RFC 5280 §5.3.1 that make sense here; certificateHold and removeFromCRL would un-revoke. */
export const REVOCATION_REASONS = [
  'unspecified',
  'key_compromise',
  'ca_compromise',
  'affiliation_changed',
  'superseded',
  'cessation_of_operation',
  'privilege_withdrawn',
  'aa_compromise',
] as const;
/** Why a certificate was revoked (RFC 5280 §5.3.1). */
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** What whoever gives another reason is told. */
export const REASONS_TO_REVOKE = `reason must be one of ${REVOCATION_REASONS.join(', ')}; certificate_hold and remove_from_crl do not exist here, because a revoked certificate stays revoked`;

/** CRLReason codes of RFC 5280 §5.3.1. */
export const REVOCATION_REASON_CODES: Readonly<Record<RevocationReason, number>> = {
  unspecified: 0,
  key_compromise: 1,
  ca_compromise: 2,
  affiliation_changed: 3,
  superseded: 4,
  cessation_of_operation: 5,
  privilege_withdrawn: 9,
  aa_compromise: 10,
};

/** The name of a reason code; undefined for a code that this product never writes. */
export function revocationReasonOf(code: number): RevocationReason | undefined {
  return REVOCATION_REASONS.find((reason) => REVOCATION_REASON_CODES[reason] === code);
}

/** A page of a list. */
export interface Page<T> {
  /** In the order of the list. */
  readonly items: readonly T[];
  /** To be passed back as `cursor`, for the page after this one; null on the last. */
  readonly next_cursor: string | null;
}
