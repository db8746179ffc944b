import {
  CERTIFICATE_KINDS,
  IsSerialHex,
  IsSha256Hex,
  REVOCATION_REASONS,
  type CertificateKind,
  type CertificateRecord,
  type RevocationReason,
} from '@libs/contracts';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { PageQuery } from '../credentials/page';

/** Query of `GET /api/v1/admin/certificates`; several conditions must all hold. */
export class CertificateListQuery extends PageQuery {
  @IsOptional()
  @IsIn(CERTIFICATE_KINDS)
  type?: CertificateKind;

  @IsOptional()
  @IsSha256Hex()
  fingerprint?: string;

  @IsOptional()
  @IsSerialHex()
  serial?: string;

  /** Id of a user. */
  @IsOptional()
  @IsString()
  @MaxLength(36)
  user?: string;

  /** Public id of a PSK. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  psk?: string;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @IsOptional()
  @IsSha256Hex()
  issuer?: string;
}

/** Body of `POST /api/v1/admin/certificates/{fingerprint}/revocation`. */
export class RevokeCertificateDto {
  @IsIn(REVOCATION_REASONS)
  reason: RevocationReason;

  /** For the log's private context. */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  @Matches(/^[^\p{Cc}]*$/u, { message: 'comment must not have control characters' })
  comment?: string;
}

/** A certificate as auditors see it: what the log knows, and no private context but who it was for. */
export interface CertificateResponse {
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly type: CertificateKind;
  readonly common_name: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly logged_at: string;
  readonly log_index: number;
  readonly revocation: {
    readonly reason: RevocationReason;
    readonly revoked_at: string;
    readonly log_index: number;
  } | null;
  readonly user_id: string | null;
  readonly email: string | null;
  readonly psk_id: string | null;
  readonly client_address: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
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
  };
}
