import { openRevocationPage, type RevocationPage, signRevocationPage } from '@libs/contracts';
import { StartError } from '@libs/http';
import {
  type Ed25519Signer,
  type NoteVerifier,
  openCheckpoint,
  parsePrivateKey,
  parseVerifierKey,
  printVerifierKey,
  signCheckpoint,
  TlogError,
} from '@libs/tlog';

/** Injection token of what the configuration decides. */
export const MAX_QUEUED_ENTRIES = Symbol('MAX_QUEUED_ENTRIES');

export interface CheckpointKeys {
  /** Private note keys; the next one takes over when the current one is taken out. */
  readonly current: string;
  readonly next: string | undefined;
  /** Verifier keys that may have signed the last checkpoint and sign no more. */
  readonly former: readonly string[];
}

/** The log's name and the keys that sign for it: one, or two while the first is being replaced by the second. */
export class CheckpointSigner {
  readonly origin: string;
  /** By which a checkpoint of ours is known. */
  readonly verifiers: readonly NoteVerifier[];

  /** @param next the key that will take over, if there is one */
  constructor(
    private readonly current: Ed25519Signer,
    private readonly next?: Ed25519Signer,
    former: readonly NoteVerifier[] = [],
  ) {
    this.origin = current.name;
    this.verifiers = [...this.signers.map(({ verifier }) => verifier), ...former];
  }

  /** Verifier key of the key that will take over. */
  get nextVerifierKey(): string | undefined {
    return this.next && printVerifierKey(this.next.verifier);
  }

  /** A checkpoint signed by every key, and checked: what is wrong with a signature could not be mended once it is logged. */
  checkpoint(size: number, root: Buffer): string {
    const note = signCheckpoint({ origin: this.origin, size, root }, this.signers);
    openCheckpoint(note, this.verifiers);
    return note;
  }

  /** A page of the revocation feed, signed by the same keys; its first line keeps it apart from every checkpoint. */
  revocationPage(page: Omit<RevocationPage, 'origin'>): string {
    const note = signRevocationPage({ origin: this.origin, ...page }, this.signers);
    openRevocationPage(note, this.verifiers);
    return note;
  }

  private get signers(): readonly Ed25519Signer[] {
    return this.next ? [this.current, this.next] : [this.current];
  }
}

/** @throws StartError with a sentence that does not repeat a key */
export function readCheckpointSigner(keys: CheckpointKeys): CheckpointSigner {
  const current = read('CT_CHECKPOINT_KEY', keys.current, parsePrivateKey);
  const next = keys.next === undefined ? undefined : read('CT_NEXT_CHECKPOINT_KEY', keys.next, parsePrivateKey);
  const former = keys.former.map((key) => read('CT_FORMER_VERIFIER_KEYS', key, parseVerifierKey));
  for (const { name } of [...(next ? [next] : []), ...former]) {
    if (name === current.name) continue;
    throw new StartError('All checkpoint keys must have the name of CT_CHECKPOINT_KEY: it names the log, and stays.');
  }
  if (next?.keyId === current.keyId) {
    throw new StartError('CT_NEXT_CHECKPOINT_KEY is the same key as CT_CHECKPOINT_KEY.');
  }
  return new CheckpointSigner(current, next, former);
}

function read<T>(variable: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TlogError) throw new StartError(`${variable} is not a note key: ${error.message}.`);
    throw error;
  }
}
