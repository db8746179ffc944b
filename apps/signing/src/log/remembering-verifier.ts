import type { NoteVerifier } from '@libs/tlog';

/** Far more than the checkpoints that concurrent requests can have received. */
const remembered = 64;

/**
 * Verifies a checkpoint once: entries that the log commits together come back with the same signed note, and one Ed25519
 * verification costs more than all the rest of a receipt. Only good signatures are remembered, with the whole signed text.
 */
export class RememberingVerifier implements NoteVerifier {
  private readonly good = new Set<string>();

  constructor(private readonly verifier: NoteVerifier) {}

  get name(): string {
    return this.verifier.name;
  }

  get keyId(): string {
    return this.verifier.keyId;
  }

  verify(text: Uint8Array, signature: Uint8Array): boolean {
    const key = `${Buffer.from(signature).toString('latin1')}\n${Buffer.from(text).toString('latin1')}`;
    if (this.good.has(key)) return true;
    if (!this.verifier.verify(text, signature)) return false;
    for (const oldest of this.good) {
      if (this.good.size < remembered) break;
      this.good.delete(oldest);
    }
    this.good.add(key);
    return true;
  }
}
