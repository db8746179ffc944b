import { Type } from 'class-transformer';
import { IsIn, IsString, Matches, MaxLength, ValidateNested } from 'class-validator';
import { PrivateContext } from '../private-context.dto';
import {
  IsIsoUtc,
  type IsoUtc,
  IsSha256Hex,
  MayBeLeftOut,
  REASONS_TO_REVOKE,
  REVOCATION_REASONS,
  type RevocationReason,
  type Sha256Hex,
  UUID,
} from '../wire';

/** How many certificates are revoked in one piece at most: as long as that takes, nobody else can append. */
export const MAX_BULK_REVOCATION = 65_536;

/** How a confirmation looks; what it says is the log's own business. */
export const BULK_CONFIRMATION = /^\d{1,16}\.\d{1,16}\.\d{1,16}\.[0-9a-f]{64}$/;

/** Which certificates: those of one user, pre-shared key or issuer that are neither revoked nor expired. Exactly one is given. */
export class BulkRevocationQuery {
  /** The frontend's id of a user, as issued certificates have it in their private context. */
  @MayBeLeftOut()
  @Matches(UUID, { message: 'user_id must be a UUID in lower case' })
  user_id?: string;

  /** Public id of a pre-shared key, likewise. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(64)
  @Matches(/^[^\p{Cc}]+$/u, { message: 'psk_id must not be empty or have control characters' })
  psk_id?: string;

  /** SHA-256 of the issuer's SubjectPublicKeyInfo. */
  @MayBeLeftOut()
  @IsSha256Hex()
  issuer?: string;
}

/** The same as a plain object, for callers. */
export type BulkRevocationCriteria = Readonly<Pick<BulkRevocationQuery, keyof BulkRevocationQuery>>;

/** Body of `POST /api/v1/revocations/bulk`. */
export class BulkRevocationEntry extends BulkRevocationQuery {
  /** Of each of the entries. */
  @IsIn(REVOCATION_REASONS, { message: REASONS_TO_REVOKE })
  reason: RevocationReason;

  /** The caller's claim; it orders nothing. */
  @IsIsoUtc()
  revoked_at: string;

  /** Of each of the entries. */
  @MayBeLeftOut()
  @ValidateNested()
  @Type(() => PrivateContext)
  context?: PrivateContext;

  /**
   * What the preview answered: the certificates must still be the same ones. Without it, those are revoked that are active when
   * the log's turn comes.
   */
  @MayBeLeftOut()
  @IsString()
  @Matches(BULK_CONFIRMATION, { message: 'confirmation must be one that a preview answered' })
  confirmation?: string;
}

/** Answer to `GET /api/v1/revocations/bulk`: what a bulk revocation would do. */
export interface BulkRevocationPreview {
  /** How many certificates would be revoked. */
  readonly count: number;
  /** Names the exact set of certificates, for `confirmation`. */
  readonly confirmation: string;
}

/** A certificate that a bulk has revoked. */
export interface BulkRevokedCertificate {
  readonly fingerprint: Sha256Hex;
  readonly issuer: Sha256Hex;
  /** Index of its issued entry. */
  readonly index: number;
}

/**
 * What a bulk appended, with all that is needed to compute its leaves again and to prove them: they are the last ones of the log of
 * the checkpoint, in this order.
 */
export interface AppendedRevocations {
  /** False: something was appended, unless `revoked` is empty. */
  readonly known: false;
  /** In the order of their entries. */
  readonly revoked: readonly BulkRevokedCertificate[];
  /** Log index of the first one's revocation; the others follow without a gap. */
  readonly first_index: number;
  readonly logged_at: IsoUtc;
  /** Opens the commitments to the context (base64, 32 bytes), the same for all; null without context. */
  readonly context_salt: string | null;
  /** The hashes of the complete subtrees of the log before, largest first, one after the other (base64). */
  readonly frontier: string;
  /** Null when there was nothing to revoke. */
  readonly checkpoint: string | null;
}

/** The certificates that were confirmed are revoked already, by an earlier request with the same confirmation or otherwise. */
export interface KnownRevocations {
  /** True: nothing was appended. */
  readonly known: true;
  /** How many certificates that is. */
  readonly count: number;
  /** The largest log index of their revocations. */
  readonly last_index: number;
  /** The issuers of the certificates. */
  readonly issuers: readonly Sha256Hex[];
}

/** Answer to `POST /api/v1/revocations/bulk`. */
export type BulkRevocationOutcome = AppendedRevocations | KnownRevocations;
