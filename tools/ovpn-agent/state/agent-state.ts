import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRun } from '../cannot-run';
import { replaceFile } from './replace-file';

const FORMAT = 'openvpn-manager-agent-v1';

/** How far the agent is, and what it will never go back behind. */
export interface Head {
  /** Every revocation with a smaller log index is known. */
  readonly sequence: number;
  /** The largest log that was proven to extend all that were seen before. */
  readonly size: number;
  /** Its root in base64; empty before the first page. */
  readonly root: string;
  /** When the log signed the newest page, in ISO 8601; empty before the first. */
  readonly issuedAt: string;
}

/** The newest CRL of an issuer that was accepted: none with a smaller number will be. */
export interface CrlFloor {
  readonly number: number;
  readonly thisUpdate: string;
  readonly sha256: string;
}

export interface StoredState {
  readonly format: string;
  /** Name of the log. */
  readonly origin: string;
  readonly head: Head;
  /** Revocations that the journal must have. */
  readonly entries: number;
  /** When a revocation was last applied, in milliseconds: whoever has connected since was checked against all of them. */
  readonly appliedAt: number;
  /** By SHA-256 of the issuer's SubjectPublicKeyInfo. */
  readonly crls: Readonly<Record<string, CrlFloor>>;
}

export type StateChange = Partial<Omit<StoredState, 'format' | 'origin'>>;

/** The agent's memory: one small file, replaced as a whole. */
export class AgentState {
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private stored: StoredState,
  ) {}

  /** @throws CannotRun when the file is damaged or belongs to another log: forgetting it must be a decision */
  static async load(directory: string, origin: string): Promise<AgentState> {
    const path = join(directory, 'state.json');
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new AgentState(path, empty(origin));
      throw error;
    }
    const stored = parsed(text);
    if (stored === undefined)
      throw new CannotRun(`${path} is damaged: remove it to begin anew, and trust what you are told`);
    if (stored.origin !== origin) throw new CannotRun(`${path} is about the log ${stored.origin}, not about ${origin}`);
    return new AgentState(path, stored);
  }

  get head(): Head {
    return this.stored.head;
  }

  get entries(): number {
    return this.stored.entries;
  }

  get appliedAt(): number {
    return this.stored.appliedAt;
  }

  get crls(): Readonly<Record<string, CrlFloor>> {
    return this.stored.crls;
  }

  /** Changes follow one another, each made of what the one before has left; true is what stands on disk. */
  async change(update: (stored: StoredState) => StateChange): Promise<void> {
    const done = this.last.then(async () => {
      const next = { ...this.stored, ...update(this.stored) };
      await replaceFile(this.path, `${JSON.stringify(next, undefined, 1)}\n`, 0o600);
      this.stored = next;
    });
    this.last = done.catch(() => undefined);
    return done;
  }
}

function empty(origin: string): StoredState {
  const head = { sequence: 0, size: 0, root: '', issuedAt: '' };
  return { format: FORMAT, origin, head, entries: 0, appliedAt: 0, crls: {} };
}

function parsed(text: string): StoredState | undefined {
  try {
    const value = JSON.parse(text) as StoredState;
    const numbers = [value.head.sequence, value.head.size, value.entries, value.appliedAt];
    const isWhole = value.format === FORMAT && numbers.every((number) => Number.isSafeInteger(number) && number >= 0);
    return isWhole && typeof value.head.root === 'string' && typeof value.crls === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}
