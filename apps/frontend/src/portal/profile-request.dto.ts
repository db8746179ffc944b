import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** A form with one box ticked sends a text, one with several a list, one with none nothing. */
const asList = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? [value] : (value ?? []));

/** Fields of the portal's form. */
export class ProfileForm {
  /** Ids of the chosen options, as `GET /api/v1/options` lists them. */
  @ApiProperty({ type: [String], required: false, example: ['full-tunnel'] })
  @Transform(asList, { toClassOnly: true })
  @IsArray()
  @ArrayMaxSize(50)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(32, { each: true })
  options: string[] = [];
}

export const PROFILE_DELIVERIES = ['profile', 'link'] as const;

/** Body of `POST /api/v1/profiles`. */
export class ProfileRequest extends ProfileForm {
  /** The profile itself, or a link that gives it once. */
  @ApiProperty({ enum: PROFILE_DELIVERIES, required: false, default: 'profile' })
  @IsOptional()
  @IsIn(PROFILE_DELIVERIES)
  delivery?: (typeof PROFILE_DELIVERIES)[number];
}

/** Answer when a link was asked for. */
export interface ProfileLinkResponse {
  readonly url: string;
  readonly expires_at: string;
}

export interface OptionResponse {
  readonly id: string;
  readonly label: string;
  readonly description: string;
}
