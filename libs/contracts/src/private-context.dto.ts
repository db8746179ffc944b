import { IsEmail, IsString, Matches, MaxLength } from 'class-validator';
import { MayBeLeftOut, UUID } from './wire';

/**
 * Who asked for an operation and how: the private part of a log entry. It stands in the log only as a salted commitment
 * and in the one erasable table in clear. Every field is cut or refused at its stated length before it gets here (I11).
 */
export class PrivateContext {
  /** The frontend's issuance: the idempotency key of issuing, and how reconciliation finds a certificate nobody claimed. */
  @MayBeLeftOut()
  @Matches(UUID)
  issuance_id?: string;

  /** The frontend's id of the user who asked or owns. */
  @MayBeLeftOut()
  @Matches(UUID)
  user_id?: string;

  /** OpenID Connect subject, as the provider names the user. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(255)
  subject?: string;

  /** Of the user, as the identity provider has it. */
  @MayBeLeftOut()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  /** Public id of the pre-shared key that was used. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  psk_id?: string;

  /** Who acted, where it is another than the owner: `user:<id>`, `system:reconciliation`, … */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(128)
  actor?: string;

  /** IP address that the request came from. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  client_address?: string;

  /** Of the program that asked, as it names itself. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(256)
  user_agent?: string;

  /** Of the request to the frontend (`X-Request-Id`). */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(128)
  request_id?: string;

  /** What the administrator wrote beside it. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(500)
  comment?: string;
}
