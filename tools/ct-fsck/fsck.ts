import type { Ed25519Verifier } from '@libs/tlog';
import { CheckpointAudit } from './checkpoint-audit';
import { ContextAudit } from './context-audit';
import { CrlNumberAudit } from './crl-number-audit';
import { Snapshot } from './database/snapshot';
import { DerivationAudit, type Derivations } from './derivation-audit';
import type { EntryAuditor } from './entry-audit';
import {
  CERTIFICATES,
  CHECKPOINTS,
  CONTEXTS,
  CRL_NUMBERS,
  ENTRIES_WITHOUT_CERTIFICATES,
  ERASURES,
  IDENTITIES,
  LOWEST_TILES,
  REVOCATIONS,
  type TableShape,
  UPPER_TILES,
} from './expected-rows';
import { Findings, type FoundThings, together } from './findings';
import { NoteAudit } from './note-audit';
import { Projection } from './projection';
import { type SavedCheckpoint, SavedCheckpoints } from './saved-checkpoints';
import { TreeAudit } from './tree-audit';

export interface FsckOptions {
  /** Of a role that may SELECT in the schema of the log. */
  readonly databaseUrl: string;
  /** Of the log, whose origin is their name; at least one. */
  readonly verifiers: readonly Ed25519Verifier[];
  readonly saved: readonly SavedCheckpoint[];
  readonly entryAuditor: EntryAuditor;
  /** `total` is what the last checkpoint claims. */
  readonly onProgress: (entries: number, total: number) => void;
}

/** What was looked at and what was found. */
export interface FsckResult {
  readonly found: FoundThings;
  readonly size: number;
  readonly root: string;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** False when the role may not read them: then nothing is known about them. */
  readonly contextsChecked: boolean;
}

/** Holds a log's database against itself, its keys, and checkpoints that were kept elsewhere. */
export async function fsck(options: FsckOptions): Promise<FsckResult> {
  const { databaseUrl, verifiers, entryAuditor } = options;
  const started = performance.now();
  const snapshot = await Snapshot.open(databaseUrl);
  try {
    const origin = verifiers[0]?.name ?? '';
    const [entries, derived] = await Promise.all([
      entryAuditor({ databaseUrl, snapshotId: snapshot.id, origin }),
      auditDerivations(snapshot, options),
    ]);
    return {
      ...derived,
      found: together(entries.found, derived.found),
      counts: { ...entries.counts, ...derived.counts },
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await snapshot.close();
  }
}

async function auditDerivations(snapshot: Snapshot, options: FsckOptions): Promise<Omit<FsckResult, 'seconds'>> {
  const findings = new Findings();
  const contextsChecked = await mayRead(snapshot, CONTEXTS.table);
  const total = await claimedSize(snapshot);
  const derivations = await openDerivations(snapshot, findings, options, contextsChecked);
  const audit = new DerivationAudit(await read(snapshot, ENTRIES_WITHOUT_CERTIFICATES), derivations, findings);
  await audit.run((entries) => {
    options.onProgress(entries, total);
  });
  const { frontier } = derivations.tree;
  return {
    found: findings.things,
    size: frontier.size,
    root: frontier.root().toString('base64'),
    counts: countsOf(derivations),
    contextsChecked,
  };
}

async function openDerivations(
  snapshot: Snapshot,
  findings: Findings,
  { verifiers, saved }: FsckOptions,
  contextsChecked: boolean,
): Promise<Derivations> {
  const projection = async ({ table, columns, select }: TableShape) =>
    new Projection({ table, columns, rows: await snapshot.copy(select), findings });
  return {
    tree: new TreeAudit(await read(snapshot, LOWEST_TILES), () => read(snapshot, UPPER_TILES), findings),
    checkpoints: new CheckpointAudit(await read(snapshot, CHECKPOINTS), new NoteAudit(verifiers, findings), findings),
    saved: new SavedCheckpoints(saved, findings),
    identities: await projection(IDENTITIES),
    certificates: await projection(CERTIFICATES),
    revocations: await projection(REVOCATIONS),
    contexts: contextsChecked
      ? new ContextAudit(await read(snapshot, CONTEXTS), await read(snapshot, ERASURES), findings)
      : undefined,
    crlNumbers: new CrlNumberAudit(() => read(snapshot, CRL_NUMBERS), findings),
  };
}

function read(snapshot: Snapshot, { select }: TableShape) {
  return snapshot.copy(select);
}

async function mayRead(snapshot: Snapshot, table: string): Promise<boolean> {
  const [row] = await snapshot.query<{ may: boolean }>(`SELECT has_table_privilege('${table}', 'SELECT') AS may`);
  return row?.may === true;
}

async function claimedSize(snapshot: Snapshot): Promise<number> {
  const [row] = await snapshot.query<{ size: string }>('SELECT coalesce(max(size), 0) AS size FROM ct.checkpoint');
  return Number(row?.size ?? 0);
}

function countsOf({ tree, checkpoints, contexts, crlNumbers }: Derivations): Record<string, number> {
  return {
    checkpoints: checkpoints.checked,
    full_tiles: tree.tiles,
    crl_numbers: crlNumbers.checked,
    ...(contexts && { contexts_opened: contexts.opened, contexts_erased: contexts.erased }),
  };
}
