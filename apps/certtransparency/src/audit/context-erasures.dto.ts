import { MayBeLeftOut, type Uuid, UUID } from '@libs/contracts';
import { ArrayMaxSize, ArrayNotEmpty, IsInt, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';

const MAX_INDEXES = 1_000;

/** Body of `POST /api/v1/context-erasures`: either `indexes` or `user_id`. */
export class ContextErasureRequest {
  /** Log indexes of the entries. */
  @MayBeLeftOut()
  @ArrayNotEmpty()
  @ArrayMaxSize(MAX_INDEXES)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(Number.MAX_SAFE_INTEGER, { each: true })
  indexes?: number[];

  /** All entries whose context names this user. */
  @MayBeLeftOut()
  @Matches(UUID)
  user_id?: string;

  /** Kept for ever, in clear: it must not say anything about a person. */
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, { message: 'reason must not hold a NUL character' })
  reason: string;

  /** Who orders it: `user:<id>`. Only a commitment to it is kept. */
  @IsString()
  @Length(1, 128)
  actor: string;
}

/** What was erased. */
export interface ContextErasureResponse {
  /** Names the request in the record of erasures. */
  readonly erasure_id: Uuid;
  /** Entries whose context was there and is gone now. */
  readonly indexes: readonly number[];
  /** False when there may be more: ask again. */
  readonly complete: boolean;
  /** Opens the commitment to the actor (base64, 32 bytes); kept nowhere else. */
  readonly actor_salt: string;
}

/** Body of `POST /api/v1/context-proofs`. */
export class ContextProofRequest {
  /** Log index of the entry. */
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  index: number;

  /** Base64, 32 bytes. */
  @Matches(/^[A-Za-z0-9+/]{43}=$/)
  salt: string;

  /** The context as canonical JSON (RFC 8785), the way the log keeps it. */
  @IsString()
  @MaxLength(20_000)
  context: string;
}

/** What became of the proof. */
export interface ContextProofResponse {
  /** Whether this very context was recorded with the entry. */
  readonly proven: boolean;
}
