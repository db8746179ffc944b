import { IsIsoUtc, IsSha256Hex, MayBeLeftOut } from '@libs/contracts';
import { IsWholeNumber } from '@libs/http';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, Matches, ValidateNested } from 'class-validator';
import { MANAGEMENT_STATES } from './server-state.entity';
import type { ManagementState } from './server-state.entity';

/** A CRL that lies beside the server. */
export class AppliedCrlDto {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @IsSha256Hex()
  issuer: string;

  /** CRL number. */
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  number: number;
}

/** Body of `POST /api/v1/servers/report`. */
export class ServerReportDto {
  /** Tells servers apart that share a PSK. */
  @Matches(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,63})$/, { message: 'name must be a host name of at most 64 characters' })
  name: string;

  /** Of the agent that reports. */
  @Matches(/^[\w.+-]{1,32}$/, { message: 'agent_version must be a version of at most 32 characters' })
  agent_version: string;

  /** Every revocation with a smaller log index has been applied. */
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  sequence: number;

  /** Size of the largest log that the agent has seen. */
  @IsWholeNumber(0, Number.MAX_SAFE_INTEGER)
  log_size: number;

  /** When the log signed the newest page that the agent has seen; absent before the first. */
  @MayBeLeftOut()
  @IsIsoUtc()
  page_issued_at?: string;

  /** The CRLs that lie beside the server. */
  @IsArray()
  @ArrayMaxSize(32)
  @ValidateNested({ each: true })
  @Type(() => AppliedCrlDto)
  crls: AppliedCrlDto[];

  /** Whether the agent reaches OpenVPN's management interface. */
  @IsIn(MANAGEMENT_STATES)
  management: ManagementState;

  /** Clients connected to the server, where it is known. */
  @MayBeLeftOut()
  @IsWholeNumber(0, 2_147_483_647)
  sessions?: number;

  /** Sessions that the agent has cut since it was started. */
  @IsWholeNumber(0, 2_147_483_647)
  sessions_cut: number;

  /** Codes of what the agent finds wrong. */
  @IsArray()
  @ArrayMaxSize(16)
  @Matches(/^[a-z0-9_]{1,40}$/, { each: true, message: 'problems must be codes' })
  problems: string[];
}
