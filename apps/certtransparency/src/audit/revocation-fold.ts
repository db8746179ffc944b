import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { actorCommitment, commitmentToJson, encodeLeaf, type Frontier, leafHash, NO_COMMITMENT } from '@libs/tlog';
import type { CheckpointSigner } from '../log-key';
import type { Head } from './findings';
import type { Batch } from './write-gate';

/** A certificate to be revoked: what its issued entry says. */
export interface Target {
  readonly index: number;
  readonly fingerprint: Buffer;
  readonly issuer: Buffer;
}

/** What all entries of a bulk have alike. */
export interface RevocationOrder {
  /** Code of RFC 5280. */
  readonly reason: number;
  readonly revokedAt: number;
  readonly actor: string | null;
  /** The private context as canonical JSON. */
  readonly context: string | null;
}

interface SigningMoment {
  readonly signer: CheckpointSigner;
  readonly now: Date;
}

/** Leaves that are made without letting anybody else have a turn: some ten milliseconds. */
const STRIDE = 1_000;

/**
 * A batch of revocations on top of a head, one for each target in their order. They share a salt, since they share all that
 * it hides.
 */
export class RevocationFold implements Batch {
  readonly entries: Batch['entries'][number][] = [];
  readonly salt: Buffer | null;
  readonly loggedAt: number;
  private readonly frontier: Frontier;
  private readonly commitments: { readonly commitment: Buffer; readonly actorCommitment: Buffer };
  private signed: string | undefined;

  private constructor(
    readonly head: Head,
    readonly targets: readonly Target[],
    private readonly order: RevocationOrder,
    private readonly by: SigningMoment,
  ) {
    this.frontier = head.frontier.clone();
    this.loggedAt = Math.max(by.now.getTime(), head.loggedAt);
    this.salt = order.context === null ? null : randomBytes(32);
    this.commitments = commitmentsTo(order, this.salt);
  }

  static async of(
    head: Head,
    targets: readonly Target[],
    order: RevocationOrder,
    by: SigningMoment,
  ): Promise<RevocationFold> {
    const fold = new RevocationFold(head, targets, order, by);
    for (const [i, target] of targets.entries()) {
      fold.add(target);
      if (i % STRIDE === STRIDE - 1) await nextTurn();
    }
    return fold;
  }

  get size(): number {
    return this.frontier.size;
  }

  get root(): Buffer {
    return this.frontier.root();
  }

  /** Signed when first asked for. */
  get checkpoint(): string {
    return (this.signed ??= this.by.signer.checkpoint(this.size, this.root));
  }

  private add({ index, fingerprint, issuer }: Target): void {
    const { reason, revokedAt, context } = this.order;
    const bytes = encodeLeaf({
      type: 'revoked',
      ...{ loggedAt: this.loggedAt, issuer, fingerprint, reason, revokedAt, issuedIndex: index },
      ...this.commitments,
    });
    this.frontier.append(leafHash(bytes));
    this.entries.push({ bytes, salt: this.salt, context });
  }
}

function commitmentsTo({ context, actor }: RevocationOrder, salt: Buffer | null) {
  const none = Buffer.from(NO_COMMITMENT);
  if (salt === null || context === null) return { commitment: none, actorCommitment: none };
  return {
    commitment: commitmentToJson(salt, context),
    actorCommitment: actor === null ? none : actorCommitment(salt, actor),
  };
}
