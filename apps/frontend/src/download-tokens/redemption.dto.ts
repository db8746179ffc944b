import { MayBeLeftOut } from '@libs/contracts';
import { IsString, Matches, MaxLength } from 'class-validator';
import { CODE_VERIFIER } from '../credentials/code-challenge';
import { IsCsr, IsDeviceName } from '../issuances/own-key.dto';

/** Body of `POST /download`: what a program sends that made its own key, or that began the login with a challenge. */
export class RedemptionDto {
  /** Of the link. */
  @IsString()
  @MaxLength(64)
  token: string;

  /** RFC 7636; needed where the login began with a `code_challenge`. */
  @MayBeLeftOut()
  @Matches(CODE_VERIFIER, { message: 'code_verifier must have 43 to 128 letters, digits or ._~-' })
  code_verifier?: string;

  /** PKCS#10 in PEM, for a key that stays where it was made: the profile then has none. */
  @MayBeLeftOut()
  @IsCsr()
  csr?: string;

  /** What the person calls the device. */
  @MayBeLeftOut()
  @IsDeviceName()
  device_name?: string;
}
