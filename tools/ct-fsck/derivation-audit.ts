import { decodeLeaf, HASH_SIZE, type Leaf, TlogError } from '@libs/tlog';
import type { CheckpointAudit } from './checkpoint-audit';
import type { ContextAudit } from './context-audit';
import type { CrlNumberAudit } from './crl-number-audit';
import type { RowSource } from './database/row-source';
import { decodeRow, leadingNumber, wire } from './database/wire-row';
import { certificateRow, ENTRIES, identityRow, revocationRow } from './expected-rows';
import type { Findings } from './findings';
import type { Projection } from './projection';
import type { SavedCheckpoints } from './saved-checkpoints';
import type { TreeAudit } from './tree-audit';

/** Everything that was derived from the entries and is held against them while they are read, each in its own order. */
export interface Derivations {
  readonly tree: TreeAudit;
  readonly checkpoints: CheckpointAudit;
  readonly saved: SavedCheckpoints;
  readonly identities: Projection;
  readonly certificates: Projection;
  readonly revocations: Projection;
  /** Undefined when the role may not read private contexts. */
  readonly contexts: ContextAudit | undefined;
  readonly crlNumbers: CrlNumberAudit;
}

/** Stands in the tree for an entry that is gone, so that those behind it keep their places. */
const NO_HASH = Buffer.alloc(HASH_SIZE);
/** A gap that is larger is told, and nothing behind it is looked at: a forged index must not keep us busy for years. */
const MAX_GAP = 100_000;
const PROGRESS_STEP = 4096;

/**
 * Reads the log from its first entry to its last, once, and makes everything anew that was derived from it. That stored
 * leaf hashes are those of the leaves, and leaves what they should be, is the entry audit's task.
 */
export class DerivationAudit {
  constructor(
    private readonly entries: RowSource,
    private readonly derivations: Derivations,
    private readonly findings: Findings,
  ) {}

  get size(): number {
    return this.derivations.tree.frontier.size;
  }

  async run(onProgress: (entries: number) => void): Promise<void> {
    const { tree, saved } = this.derivations;
    saved.compare(tree.frontier);
    for (let row = await this.entries.next(); row !== undefined; row = await this.entries.next()) {
      const index = leadingNumber(row);
      if (index > this.size && !(await this.fillGap(index))) break;
      if (index < this.size) this.report(index, 'entry_index', 'the index is negative or there twice');
      else await this.check(row);
      if (this.size % PROGRESS_STEP === 0) onProgress(this.size);
    }
    await this.finish();
  }

  /** Answers false when there is no sense in going on. */
  private async fillGap(index: number): Promise<boolean> {
    this.report(this.size, 'entry_missing', `entries ${this.size} to ${index - 1} are missing`);
    if (index - this.size > MAX_GAP) return false;
    while (this.size < index) await this.grow(NO_HASH);
    return true;
  }

  private async check(row: Buffer): Promise<void> {
    const [, bytes, leafHash] = decodeRow(row);
    const leaf = leafOf(bytes);
    if (leaf !== undefined) await this.checkProjections(this.size, leaf);
    await this.grow(leafHash?.length === HASH_SIZE ? leafHash : NO_HASH);
  }

  private async checkProjections(index: number, leaf: Leaf): Promise<void> {
    const { identities, certificates, revocations, contexts, crlNumbers } = this.derivations;
    const key = wire.int8(index);
    const identity = identityRow(key, leaf);
    if (!identities.confirm(identity)) await identities.expect(index, identity);
    if (leaf.type === 'issued') {
      const certificate = certificateRow(key, leaf);
      if (!certificates.confirm(certificate)) await certificates.expect(index, certificate);
    }
    if (leaf.type === 'revoked') {
      const revocation = revocationRow(key, leaf);
      if (!revocations.confirm(revocation)) await revocations.expect(index, revocation);
    }
    if (leaf.type === 'crl') crlNumbers.publish(index, leaf);
    await contexts?.check(index, leaf);
  }

  private async grow(hash: Buffer): Promise<void> {
    const { tree, checkpoints, saved } = this.derivations;
    const filled = tree.append(hash);
    if (filled !== undefined) await filled;
    if (checkpoints.mayBeDue(tree.frontier.size)) await checkpoints.compare(tree.frontier);
    saved.compare(tree.frontier);
  }

  private async finish(): Promise<void> {
    const { tree, checkpoints, saved, identities, certificates, revocations, contexts, crlNumbers } = this.derivations;
    for (const each of [tree, identities, certificates, revocations, crlNumbers]) await each.finish();
    await contexts?.finish();
    await checkpoints.finish(this.size);
    saved.finish(this.size);
  }

  private report(index: number, code: string, detail: string): void {
    this.findings.add({ table: ENTRIES.table, index, code, detail });
  }
}

/** Undefined for a malformed leaf, of which the entry audit tells. */
function leafOf(bytes: Buffer | null | undefined): Leaf | undefined {
  try {
    return bytes ? decodeLeaf(bytes) : undefined;
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}
