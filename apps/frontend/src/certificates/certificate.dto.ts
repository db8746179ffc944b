import {
  CERTIFICATE_KINDS,
  CERTIFICATE_STATUSES,
  CertificateConditions,
  type CertificateKind,
  type CertificateRecord,
  type CertificateStatus,
  type IsoUtc,
  IsSerialHex,
  IsSha256Hex,
  MayBeLeftOut,
  REASONS_TO_REVOKE,
  REVOCATION_REASONS,
  type RevocationReason,
  type SerialHex,
  type Sha256Hex,
  UUID,
} from '@libs/contracts';
import { toPem } from '@libs/pki';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { PSK_PUBLIC_ID } from '../psks/psk-secret';

/** Digits alone, in the case that the log writes; what is no text is left to the validation. */
const hexDigits =
  (inCase: (text: string) => string) =>
  ({ value }: TransformFnParams): unknown =>
    typeof value === 'string' ? inCase(value.replaceAll(':', '')) : value;
const lowerHex = hexDigits((text) => text.toLowerCase());
const upperHex = hexDigits((text) => text.toUpperCase());

/** For the API document: what is left of it is digits alone. */
const AS_TOOLS_PRINT = '^[0-9A-Fa-f:]+$';

/** Query of `GET /api/v1/admin/certificates`; several conditions must all hold. */
export class CertificateListQuery extends CertificateConditions {
  /** What the certificate is for. */
  @IsOptional()
  @IsIn(CERTIFICATE_KINDS)
  type?: CertificateKind;

  /** SHA-256 of the certificate's DER as tools print it: in either case, with or without colons. */
  @ApiPropertyOptional({ pattern: AS_TOOLS_PRINT })
  @IsOptional()
  @Transform(lowerHex)
  @IsSha256Hex()
  fingerprint?: string;

  /** Serial number as tools print it: in either case, with or without colons. */
  @ApiPropertyOptional({ pattern: AS_TOOLS_PRINT })
  @IsOptional()
  @Transform(upperHex)
  @IsSerialHex()
  serial?: string;

  /** Id of a user. */
  @IsOptional()
  @Matches(UUID, { message: 'user must be the id of a user, a UUID in lower case' })
  user?: string;

  /** Public id of a PSK. */
  @IsOptional()
  @Matches(PSK_PUBLIC_ID, { message: 'psk must be the public_id of a pre-shared key, 16 lower-case hex digits' })
  psk?: string;

  /** A part of the common name, in upper or lower case. */
  @IsOptional()
  @IsString()
  @MinLength(3)
  @MaxLength(64)
  subject?: string;

  /** Of now. */
  @IsOptional()
  @IsIn(CERTIFICATE_STATUSES)
  status?: CertificateStatus;
}

/** Body of `POST /api/v1/admin/certificates/{fingerprint}/revocation`. */
export class RevokeCertificateDto {
  /** Why. */
  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  reason: RevocationReason;

  /** For the log's private context. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\p{Cc}]*$/u, { message: 'comment must not have control characters' })
  comment?: string;
}

/** A certificate as auditors see it: what the log knows, and no private context but who it was for. */
export interface CertificateResponse {
  readonly fingerprint: Sha256Hex;
  readonly serial_number: SerialHex;
  readonly type: CertificateKind;
  /** Of the subject. */
  readonly common_name: string;
  readonly issuer: Sha256Hex;
  readonly not_before: IsoUtc;
  readonly not_after: IsoUtc;
  readonly logged_at: IsoUtc;
  /** Of the issued entry. */
  readonly log_index: number;
  /** Null while it is not revoked. */
  readonly revocation: {
    readonly reason: RevocationReason;
    readonly revoked_at: IsoUtc;
    /** Of the revocation. */
    readonly log_index: number;
  } | null;
  /** Whose it is; null for machines, and once the private context is erased. */
  readonly user_id: string | null;
  /** Of the user, at that time. */
  readonly email: string | null;
  /** Public id of the pre-shared key that fetched it. */
  readonly psk_id: string | null;
  /** Where the request for it came from. */
  readonly client_address: string | null;
  /** Of the program that asked, as it names itself. */
  readonly user_agent: string | null;
  /** Names the request in the logs. */
  readonly request_id: string | null;
  /** Path of the proof that it stands in the log. */
  readonly proof: string;
}

/** One certificate by itself. */
export interface ReadCertificateResponse extends CertificateResponse {
  /** PEM: with the proof, all that is needed to verify offline. */
  readonly certificate: string | null;
}

export function readCertificateResponse(record: CertificateRecord): ReadCertificateResponse {
  const der = record.certificate;
  const certificate = der === undefined ? null : toPem('CERTIFICATE', Buffer.from(der, 'base64'));
  return { ...certificateResponse(record), certificate };
}

export function certificateResponse(record: CertificateRecord): CertificateResponse {
  const { revocation, context } = record;
  return {
    fingerprint: record.fingerprint,
    serial_number: record.serial_number,
    type: record.kind,
    common_name: record.common_name,
    issuer: record.issuer,
    not_before: record.not_before,
    not_after: record.not_after,
    logged_at: record.logged_at,
    log_index: record.index,
    revocation:
      revocation === null
        ? null
        : { reason: revocation.reason, revoked_at: revocation.revoked_at, log_index: revocation.index },
    user_id: context?.user_id ?? null,
    email: context?.email ?? null,
    psk_id: context?.psk_id ?? null,
    client_address: context?.client_address ?? null,
    user_agent: context?.user_agent ?? null,
    request_id: context?.request_id ?? null,
    proof: `/api/v1/admin/certificates/${record.fingerprint}/proof`,
  };
}
