import { type IsoUtc, MayBeLeftOut } from '@libs/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsString, MaxLength } from 'class-validator';
import { IsCsr, IsDeviceName } from '../issuances/own-key.dto';

/** A form with one box ticked sends a text, one with several a list, one with none nothing. */
const asList = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? [value] : value);

/** A field that was left empty says nothing. */
const unlessEmpty = ({ value }: TransformFnParams): unknown => {
  const text: unknown = typeof value === 'string' ? value.trim() : value;
  return text === '' ? undefined : text;
};

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

  /** What you call the device that the profile is for. */
  @ApiProperty({ type: String, required: false, maxLength: 64, example: 'Laptop' })
  @Transform(unlessEmpty, { toClassOnly: true })
  @MayBeLeftOut()
  @IsDeviceName()
  device_name?: string;
}

export const PROFILE_DELIVERIES = ['profile', 'link'] as const;

/** Body of `POST /api/v1/profiles`. */
export class ProfileRequest extends ProfileForm {
  /** The profile itself, or a link that gives it once. */
  @ApiProperty({ enum: PROFILE_DELIVERIES, required: false, default: 'profile' })
  @MayBeLeftOut()
  @IsIn(PROFILE_DELIVERIES)
  delivery?: (typeof PROFILE_DELIVERIES)[number];

  /** PKCS#10 in PEM, for a key that stays where it was made: the profile then has none. Not together with a link. */
  @MayBeLeftOut()
  @IsCsr()
  csr?: string;
}

/** Answer when a link was asked for. */
export interface ProfileLinkResponse {
  /** Gives the profile to whoever opens it first. */
  readonly url: string;
  readonly expires_at: IsoUtc;
}

/** An option for a profile. */
export interface OptionResponse {
  /** To be sent in `options`. */
  readonly id: string;
  /** What it is called. */
  readonly label: string;
  /** What it does. */
  readonly description: string;
}

/** What a person may choose from. */
export interface OptionsResponse {
  /** In the order in which to show them. */
  readonly items: readonly OptionResponse[];
}
