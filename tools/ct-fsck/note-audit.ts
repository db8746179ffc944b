import { verify } from 'node:crypto';
import { promisify } from 'node:util';
import { type Ed25519Verifier, type NoteSignature, parseCheckpoint, parseNote, TlogError } from '@libs/tlog';
import type { Findings } from './findings';

// With a callback it runs on the thread pool, beside everything else.
const verifyAside = promisify(verify);
const MAX_IN_FLIGHT = 64;
const TABLE = 'ct.checkpoint';

/** What a checkpoint's note has to state. */
export interface Stated {
  readonly size: number;
  readonly root: Buffer;
}

/** Signed notes of checkpoints: what they state, one origin for all of them, and their signatures. */
export class NoteAudit {
  private origin: string | undefined;
  private readonly inFlight = new Set<Promise<void>>();

  constructor(
    private readonly verifiers: readonly Ed25519Verifier[],
    private readonly findings: Findings,
  ) {}

  /** Resolves as soon as there is room for more; signatures that are still being verified are awaited by `finish`. */
  async check(note: string, stated: Stated): Promise<void> {
    const read = this.read(note, stated.size);
    if (read === undefined) return;
    const { text, signatures, checkpoint } = read;
    const { origin, size, root, extensions } = checkpoint;
    if (size !== stated.size || !root.equals(stated.root) || extensions !== undefined) {
      this.report(stated.size, 'note_differs', 'the note states another size or root than the leaves lead to');
    }
    this.origin ??= origin;
    if (origin !== this.origin) this.report(stated.size, 'origin_differs', 'the note is of another origin');
    const verification = this.verify(stated.size, text, origin, signatures).finally(() => {
      this.inFlight.delete(verification);
    });
    this.inFlight.add(verification);
    if (this.inFlight.size >= MAX_IN_FLIGHT) await Promise.race(this.inFlight);
  }

  async finish(): Promise<void> {
    await Promise.all(this.inFlight);
  }

  private read(note: string, size: number) {
    try {
      const { text, signatures } = parseNote(note);
      return { text, signatures, checkpoint: parseCheckpoint(text) };
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      this.report(size, error.code, error.message);
      return undefined;
    }
  }

  /** The rule of the signed note: one signature by a known key of the origin, and none of a known key that fails. */
  private async verify(size: number, text: string, origin: string, signatures: readonly NoteSignature[]) {
    const bytes = Buffer.from(text);
    let verified = 0;
    for (const { name, keyId, signature } of signatures) {
      const known = this.verifiers.find((verifier) => verifier.name === name && verifier.keyId === keyId);
      if (known === undefined || name !== origin) continue;
      if (await verifyAside(null, bytes, known.publicKey, signature)) verified += 1;
      else this.report(size, 'note_signature_invalid', `the signature by the key ${keyId} is invalid`);
    }
    if (verified === 0) this.report(size, 'note_unverified', 'the note has no valid signature by a known key');
  }

  private report(index: number, code: string, detail: string): void {
    this.findings.add({ table: TABLE, index, code, detail });
  }
}
