import { createHash } from 'node:crypto';
import { MAX_BULK_REVOCATION } from '@libs/contracts';
import { safeInteger } from '../database/log-database';
import { activeParameters, type ActiveRow, selectActive } from './active-certificates';
import { BulkTooLarge, RevocationSetChanged } from './audit.errors';
import { type ConfirmedSet, type Criterion, setDigest } from './bulk-confirmation';
import { type Head, headOf, type HeadRow, headSql } from './findings';
import type { RevocationOrder, Target } from './revocation-fold';
import type { Question } from './write-gate';

/** A revocation of many certificates that waits for its turn. */
export interface BulkRevocation {
  readonly criterion: Criterion;
  /** What was previewed; undefined: whatever is active when the turn has come. */
  readonly confirmed: ConfirmedSet | undefined;
  readonly order: RevocationOrder;
}

/** What the database knows once the lock is held. */
export interface BulkFindings {
  readonly head: Head;
  readonly anchoredRoot: Buffer | null;
  /** Active at this moment, one more than may be revoked if there are too many. */
  readonly targets: readonly Target[];
}

/** As long as one piece takes at its largest, and longer. */
const STATEMENT_TIMEOUT_MS = 120_000;

export function bulkQuestion(
  { criterion, confirmed }: BulkRevocation,
  anchorSize: number,
  now: Date,
): Question<BulkFindings> {
  const present = { criterion, moment: confirmed?.moment ?? now.getTime(), size: Number.MAX_SAFE_INTEGER };
  const limit = String(MAX_BULK_REVOCATION + 1);
  return {
    queries: [
      { text: headSql('$1'), values: [anchorSize] },
      { text: `${selectActive(criterion)} LIMIT ${limit}`, values: activeParameters(present) },
    ],
    read: ([heads, active]) => ({
      head: headOf((heads as HeadRow[])[0]),
      anchoredRoot: (heads as HeadRow[])[0]?.anchored_root ?? null,
      targets: (active as ActiveRow[]).map(({ idx, ...target }) => ({ index: safeInteger(idx), ...target })),
    }),
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  };
}

/** @throws BulkTooLarge, RevocationSetChanged */
export function assertAsConfirmed({ criterion, confirmed }: BulkRevocation, targets: readonly Target[]): void {
  if (targets.length > MAX_BULK_REVOCATION) throw new BulkTooLarge(MAX_BULK_REVOCATION);
  if (confirmed === undefined) return;
  const hash = createHash('sha256');
  for (const { fingerprint } of targets) hash.update(fingerprint);
  if (setDigest(criterion, hash.digest()) !== confirmed.digest) throw new RevocationSetChanged(targets.length);
}
