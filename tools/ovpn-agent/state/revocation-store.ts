import type { PageRevocation, RevocationPage } from '@libs/contracts';
import type { Clock } from '@libs/http';
import type { CrlFolder } from '../crl/crl-folder';
import { headAfter } from '../feed/feed-follower';
import type { AgentState } from './agent-state';
import type { Journal } from './journal';
import { RevocationSet } from './revocation-set';

/** Everything that is revoked, in memory, in the journal, and in the folder that OpenVPN looks into. */
export class RevocationStore {
  private readonly set = new RevocationSet();
  private lastAppliedAt: number;

  constructor(
    private readonly state: AgentState,
    private readonly journal: Journal,
    private readonly folder: CrlFolder | undefined,
    private readonly clock: Clock,
  ) {
    this.lastAppliedAt = state.appliedAt;
  }

  get size(): number {
    return this.set.size;
  }

  /** When something was last revoked here, in milliseconds: of sessions that began later the server itself knew better. */
  get appliedAt(): number {
    return this.lastAppliedAt;
  }

  isRevoked(serialNumber: string): boolean {
    return this.set.has(serialNumber);
  }

  values(): Iterable<PageRevocation> {
    return this.set.values();
  }

  /**
   * Takes up what was known when the agent last ran. With a journal that lacks something everything is asked for anew; how
   * large the log was stays known all the same.
   */
  async load(): Promise<void> {
    const now = this.clock.now();
    const over: string[] = [];
    let lines = 0;
    for await (const revocation of this.journal.read()) {
      lines += 1;
      if (!this.set.add(revocation, now)) over.push(revocation.serialNumber);
    }
    const isWhole = lines >= this.state.entries;
    await this.folder?.remove(over);
    // Also to be rid of a last line that is damaged: what is appended must be read again.
    await this.journal.replace(this.set.values());
    const entries = this.set.size;
    await this.state.change(({ head }) => ({ entries, head: { ...head, sequence: isWhole ? head.sequence : 0 } }));
    await this.completeFolder();
  }

  /**
   * Applies a page: safe to repeat when it has failed half way.
   * @param onLearned called as soon as the server itself refuses whom the page names, and also when it could not be told
   */
  async apply(page: RevocationPage, onLearned: () => void): Promise<void> {
    const now = this.clock.now();
    const present = page.revocations.filter((revocation) => this.set.add(revocation, now));
    if (present.length > 0) this.lastAppliedAt = now.getTime();
    try {
      await this.folder?.add(present.map(({ serialNumber }) => serialNumber));
    } finally {
      if (present.length > 0) onLearned();
    }
    await this.journal.append(present);
    await this.advance(page, present.length);
  }

  /** From now on whoever connects is checked against everything that is known. */
  async markApplied(): Promise<void> {
    this.lastAppliedAt = this.clock.now().getTime();
    await this.state.change(() => ({ appliedAt: this.lastAppliedAt }));
  }

  /** Forgets what has expired; what a CRL still lists stays in the folder. */
  async expire(isListed: (serialNumber: string) => boolean): Promise<void> {
    const over = this.set.expire(this.clock.now());
    await this.folder?.remove(over.filter((serial) => !isListed(serial)));
  }

  /** Puts back what somebody has taken out of the folder. Answers how much. */
  async completeFolder(): Promise<number> {
    return (await this.folder?.complete(this.set.serialNumbers())) ?? 0;
  }

  private async advance(page: RevocationPage, added: number): Promise<void> {
    const { state } = this;
    const head = headAfter(page);
    const isSame = head.sequence === state.head.sequence && head.size === state.head.size;
    // A page without news costs no write: when it was signed is worth a minute.
    const age = page.issuedAt.getTime() - Date.parse(state.head.issuedAt || '1970-01-01T00:00:00Z');
    if (isSame && added === 0 && age < ISSUED_AT_PRECISION_MS) return;
    await state.change(({ entries }) => ({ head, entries: entries + added, appliedAt: this.lastAppliedAt }));
  }
}

const ISSUED_AT_PRECISION_MS = 60_000;
