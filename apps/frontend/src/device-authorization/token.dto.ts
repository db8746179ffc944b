import { MayBeLeftOut } from '@libs/contracts';
import { IsString, Matches, MaxLength } from 'class-validator';
import { CODE_VERIFIER } from '../credentials/code-challenge';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Body of `POST /api/v1/device/authorize` (RFC 8628 §3.1). Programs are not registered: who they say they are is not looked at. */
export class DeviceAuthorizationRequest {
  /** Not looked at. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(200)
  client_id?: string;

  /** Not looked at. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(200)
  scope?: string;

  /** Shown to the person who is asked. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  @Matches(/^[^\p{C}]*$/u, { message: 'device_name must not have control characters' })
  device_name?: string;
}

/** Body of `POST /api/v1/token` (RFC 6749 §4.1.3, RFC 8628 §3.4). */
export class TokenRequest {
  /** `authorization_code`, or `urn:ietf:params:oauth:grant-type:device_code`. */
  @IsString()
  @MaxLength(64)
  grant_type: string;

  /** The token that the login's redirect carried. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  code?: string;

  /** RFC 7636 §4.1, of the challenge that the login began with. */
  @MayBeLeftOut()
  @Matches(CODE_VERIFIER, { message: 'code_verifier must have 43 to 128 letters, digits or ._~-' })
  code_verifier?: string;

  /** Of the device flow. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  device_code?: string;

  /** Not looked at. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(200)
  client_id?: string;

  /** Not looked at. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(200)
  redirect_uri?: string;
}

/** RFC 8628 §3.2. */
export interface DeviceAuthorizationResponse {
  /** To be given for an access token; secret. */
  readonly device_code: string;
  /** What the person types: `BCDF-GHJK`. */
  readonly user_code: string;
  /** Where the person types it. */
  readonly verification_uri: string;
  /** The same with the code in it. */
  readonly verification_uri_complete: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds from one question to the next, at least. */
  readonly interval: number;
}
