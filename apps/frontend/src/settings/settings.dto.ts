import type { IsoUtc, Uuid } from '@libs/contracts';
import { IsWholeNumber } from '@libs/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import type { SettingsInForce } from './settings.service';
import type { SettingsValues } from './settings-values';

const ONE_LINE = /^[^\p{Cc}]*$/u;
const PRINTABLE = /^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp},]+$/u;

/** Body of `PATCH /api/v1/admin/settings`: what changes; null puts a default back. */
export class ChangeSettingsDto {
  /** OpenVPN Connect reads it up to a comma. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  @Matches(PRINTABLE, { message: 'site_name must be one line of text without commas' })
  @ApiProperty({ type: String, nullable: true, required: false, minLength: 1, maxLength: 100 })
  site_name?: string | null;

  /** Shown on every page of the portal. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  @Matches(ONE_LINE, { message: 'announcement must not have control characters' })
  @ApiProperty({ type: String, nullable: true, required: false, minLength: 1, maxLength: 500 })
  announcement?: string | null;

  /** Days that a person's certificate is valid for. */
  @IsOptional()
  @IsWholeNumber(1, 825)
  @ApiProperty({ type: 'integer', nullable: true, required: false, minimum: 1, maximum: 825 })
  default_validity_days?: number | null;

  /** The most days that may be asked for. */
  @IsOptional()
  @IsWholeNumber(1, 825)
  @ApiProperty({ type: 'integer', nullable: true, required: false, minimum: 1, maximum: 825 })
  max_validity_days?: number | null;

  /** Profiles that work, of one person. */
  @IsOptional()
  @IsWholeNumber(1, 10_000)
  @ApiProperty({ type: 'integer', nullable: true, required: false, minimum: 1, maximum: 10_000 })
  max_active_profiles_per_user?: number | null;

  /** Devices with such a profile, of one person. */
  @IsOptional()
  @IsWholeNumber(1, 10_000)
  @ApiProperty({ type: 'integer', nullable: true, required: false, minimum: 1, maximum: 10_000 })
  max_named_devices_per_user?: number | null;

  /** How long the old certificate stays valid after its renewal. */
  @IsOptional()
  @IsWholeNumber(0, 2_160)
  @ApiProperty({ type: 'integer', nullable: true, required: false, minimum: 0, maximum: 2_160 })
  renewal_overlap_hours?: number | null;

  /** The share of all active certificates from which on a bulk revocation must say that it is meant. */
  @IsOptional()
  @IsWholeNumber(1, 100)
  @ApiProperty({ type: 'integer', nullable: true, required: false, minimum: 1, maximum: 100 })
  bulk_revocation_fuse_percent?: number | null;
}

/** The settings in force; the version is the answer's ETag as well. */
export interface SettingsResponse extends SettingsValues {
  /** Higher after every change; 0 before the first. */
  readonly version: number;
  readonly updated_at: IsoUtc | null;
  /** Id of the administrator; null before the first change. */
  readonly updated_by: Uuid | null;
}

export function settingsResponse({ values, version, updatedAt, updatedBy }: SettingsInForce): SettingsResponse {
  return { ...values, version, updated_at: updatedAt?.toISOString() ?? null, updated_by: updatedBy };
}
