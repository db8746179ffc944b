import type { AppendedRevocations, BulkRevokedCertificate } from '@libs/contracts';
import { actorCommitment, commitment, encodeLeaf, Frontier, leafHash, NO_COMMITMENT, TlogError } from '@libs/tlog';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReceiptNotVerified, type ReceiptVerifier } from '../log/receipt-verifier';

/** What was asked to be recorded of each certificate. */
export interface OrderedRevocations {
  /** Code of RFC 5280. */
  readonly reason: number;
  readonly revokedAt: Date;
  readonly context: Readonly<Record<string, string>> | undefined;
  /** Hex; undefined when certificates of any issuer were meant. */
  readonly issuer: string | undefined;
}

/** Leaves that are computed without letting anybody else have a turn: some ten milliseconds. */
const STRIDE = 1_000;

/**
 * Proves a bulk as a receipt proves one entry: the leaves are computed again from what was asked for and the certificates that the log
 * names, appended to the tree before them, and must lead to the root of a checkpoint that the log has signed.
 *
 * That the log has left none out it cannot prove: which certificates are a user's is in private contexts alone.
 *
 * @throws ReceiptNotVerified
 */
export async function verifyRevoked(
  appended: AppendedRevocations,
  ordered: OrderedRevocations,
  verifier: ReceiptVerifier,
): Promise<void> {
  const { size, root } = verifier.checkpoint(appended.checkpoint ?? '');
  try {
    const leafOf = leavesOf(appended, ordered);
    const frontier = Frontier.deserialize(appended.first_index, Buffer.from(appended.frontier, 'base64'));
    for (const [i, certificate] of appended.revoked.entries()) {
      frontier.append(leafHash(leafOf(certificate)));
      if (i % STRIDE === STRIDE - 1) await nextTurn();
    }
    if (frontier.size === size && frontier.root().equals(root)) return;
  } catch (error) {
    throw new ReceiptNotVerified(error instanceof TlogError ? error.message : 'the answer is malformed', error);
  }
  throw new ReceiptNotVerified('the revocations do not lead to the checkpoint');
}

function leavesOf(appended: AppendedRevocations, ordered: OrderedRevocations) {
  const { reason, revokedAt, context, issuer: expected } = ordered;
  const alike = {
    type: 'revoked',
    loggedAt: Date.parse(appended.logged_at),
    reason,
    revokedAt: revokedAt.getTime(),
    ...commitmentsTo(context, appended.context_salt),
  } as const;
  return ({ fingerprint, issuer, index }: BulkRevokedCertificate): Buffer => {
    if (expected !== undefined && issuer !== expected) throw new Error('a certificate of another issuer was revoked');
    const hashes = { fingerprint: Buffer.from(fingerprint, 'hex'), issuer: Buffer.from(issuer, 'hex') };
    return encodeLeaf({ ...alike, ...hashes, issuedIndex: index });
  };
}

function commitmentsTo(context: OrderedRevocations['context'], salt: string | null) {
  const none = Buffer.from(NO_COMMITMENT);
  if (context === undefined) return { commitment: none, actorCommitment: none };
  if (salt === null) throw new Error('the log did not say which salt it used');
  const bytes = Buffer.from(salt, 'base64');
  const { actor } = context;
  return {
    commitment: commitment(bytes, context),
    actorCommitment: actor === undefined ? none : actorCommitment(bytes, actor),
  };
}
