import { decodeLeaf, type Leaf, leafHash, TlogError } from '@libs/tlog';
import { EntryRules } from '../ct-verify/export/entry-rules';
import { Refuted } from '../ct-verify/verdict';
import { Snapshot } from './database/snapshot';
import { decodeRow, leadingNumber } from './database/wire-row';
import { ENTRIES } from './expected-rows';
import { Findings, type FoundThings } from './findings';

export interface EntryAuditRequest {
  readonly databaseUrl: string;
  readonly snapshotId: string;
  readonly origin: string;
}

/** Plain data, since it may have to go from one thread to another. */
export interface EntryAuditResult {
  readonly found: FoundThings;
  readonly counts: Readonly<Record<Leaf['type'], number>>;
}

/** Runs an entry audit: here, or on a thread of its own. */
export type EntryAuditor = (request: EntryAuditRequest) => Promise<EntryAuditResult>;

const EMPTY = Buffer.alloc(0);

/**
 * Every entry by itself and against those before it: its hash, the strict form of its leaf, the certificate in it, and
 * what entries owe each other. What was derived from the entries is another audit's task.
 */
export const auditEntries: EntryAuditor = async ({ databaseUrl, snapshotId, origin }) => {
  const snapshot = Snapshot.of(databaseUrl, snapshotId);
  try {
    const entries = await snapshot.copy(ENTRIES.select);
    const findings = new Findings();
    const rules = new EntryRules(origin);
    for (let row = await entries.next(); row !== undefined; row = await entries.next())
      checkEntry(row, rules, findings);
    return { found: findings.things, counts: rules.counts };
  } finally {
    await snapshot.close();
  }
};

function checkEntry(row: Buffer, rules: EntryRules, findings: Findings): void {
  const index = leadingNumber(row);
  const report = (code: string, detail: string) => {
    findings.add({ table: ENTRIES.table, index, code, detail });
  };
  const [, leaf, storedHash] = decodeRow(row);
  const bytes = leaf ?? EMPTY;
  if (storedHash?.equals(leafHash(bytes)) !== true) report('leaf_hash_differs', 'leaf_hash is not that of the leaf');
  try {
    rules.check(index, decodeLeaf(bytes));
  } catch (error) {
    if (!(error instanceof Refuted || error instanceof TlogError)) throw error;
    report(error.code, error.message);
  }
}
