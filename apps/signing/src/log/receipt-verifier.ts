import { DomainError, StartError } from '@libs/http';
import {
  type Checkpoint,
  type CrlLeaf,
  type Ed25519Verifier,
  type IssuedLeaf,
  type Leaf,
  NO_COMMITMENT,
  type NoteVerifier,
  type RevokedLeaf,
  TlogError,
  commitment,
  decodeLeaf,
  openCheckpoint,
  parseReceipt,
  parseVerifierKey,
  rebuildLeaf,
  verifyReceipt,
} from '@libs/tlog';
import { RememberingVerifier } from './remembering-verifier';

/**
 * The log answered with something that does not prove what we asked it to record: 503, and nothing leaves. Either the log is
 * broken, or somebody answers in its place.
 */
export class ReceiptNotVerified extends DomainError {
  constructor(reason: string, cause?: unknown) {
    super({
      code: 'log_receipt_not_verified',
      status: 503,
      title: 'The log did not prove that it recorded the entry',
      retryAfterSeconds: 30,
      cause: new Error(reason, { cause }),
    });
  }
}

/** A receipt, and the index that the log gave besides it. */
export interface ReceivedReceipt {
  readonly receipt: string;
  readonly index: number;
}

/** A private context as it was sent, and the salt that the log says it used for the commitment. */
export interface Committed {
  readonly context: Readonly<Record<string, string>> | undefined;
  readonly salt: string | null;
}

/** The facts of an issued entry that we know better than the log. */
export type ExpectedIssued = Omit<IssuedLeaf, 'type' | 'loggedAt' | 'commitment'>;

/** Judges receipts against the log's verifier keys, which are pinned in the configuration. Pure: no I/O. */
export class ReceiptVerifier {
  constructor(private readonly verifiers: readonly NoteVerifier[]) {}

  /** @throws StartError when a key is not one */
  static pinning(keys: readonly string[]): ReceiptVerifier {
    return new ReceiptVerifier(keys.map((key) => new RememberingVerifier(parseKey(key))));
  }

  /**
   * The receipt proves that the log holds exactly the leaf which describes our certificate, every field of it.
   * @param committed undefined for an entry that was recorded earlier, whose salt is not at hand
   */
  issued(received: ReceivedReceipt, expected: ExpectedIssued, committed: Committed | undefined): IssuedLeaf {
    return judging(() => {
      const leaf = this.proven(received, (extra) => rebuildLeaf(extra, expected.der));
      if (leaf.type !== 'issued') throw anotherType();
      for (const name of ['issuer', 'fingerprint', 'serial', 'der'] as const) {
        if (!leaf[name].equals(expected[name])) throw differs(name);
      }
      for (const name of ['kind', 'notBefore', 'notAfter', 'commonName'] as const) {
        if (leaf[name] !== expected[name]) throw differs(name);
      }
      if (committed !== undefined) assertCommitted(leaf.commitment, committed);
      return leaf;
    });
  }

  /** The receipt proves a revocation of this certificate; reason and time are for the caller to compare. */
  revoked(received: ReceivedReceipt, fingerprint: Buffer, committed: Committed | undefined): RevokedLeaf {
    return judging(() => {
      const leaf = this.proven(received, wholeLeaf);
      if (leaf.type !== 'revoked') throw anotherType();
      if (!leaf.fingerprint.equals(fingerprint)) throw differs('fingerprint');
      if (committed !== undefined) assertCommitted(leaf.commitment, committed);
      return leaf;
    });
  }

  /** The receipt proves that this very CRL was recorded. */
  crl(received: ReceivedReceipt, expected: Omit<CrlLeaf, 'type' | 'loggedAt' | 'commitment'>): CrlLeaf {
    return judging(() => {
      const leaf = this.proven(received, wholeLeaf);
      if (leaf.type !== 'crl') throw anotherType();
      if (!leaf.issuer.equals(expected.issuer)) throw differs('issuer');
      if (leaf.crlNumber !== expected.crlNumber) throw differs('CRL number');
      if (!leaf.crlSha256.equals(expected.crlSha256)) throw differs('CRL hash');
      return leaf;
    });
  }

  /** A checkpoint that the log has signed. */
  checkpoint(note: string): Checkpoint {
    return judging(() => openCheckpoint(note, this.verifiers));
  }

  private proven({ receipt, index }: ReceivedReceipt, leafOf: (extra: Buffer) => Buffer): Leaf {
    const source = (extra: Buffer | undefined): Buffer => {
      if (extra === undefined) throw new ReceiptNotVerified('the receipt does not carry its leaf');
      return leafOf(extra);
    };
    const proven = verifyReceipt(parseReceipt(receipt), source, this.verifiers);
    if (proven.index !== index) throw new ReceiptNotVerified('the receipt is about another index');
    return decodeLeaf(proven.leaf);
  }
}

/** Whatever goes wrong while an answer is judged, the answer is what is wrong: it may lack any field. */
function judging<T>(judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (error instanceof ReceiptNotVerified) throw error;
    throw new ReceiptNotVerified(
      error instanceof TlogError ? error.message : 'the answer lacks what it should have',
      error,
    );
  }
}

const anotherType = (): ReceiptNotVerified => new ReceiptNotVerified('the receipt is about another type of entry');

const wholeLeaf = (extra: Buffer): Buffer => extra;

const differs = (field: string): ReceiptNotVerified => new ReceiptNotVerified(`the recorded ${field} is not ours`);

function assertCommitted(recorded: Buffer, { context, salt }: Committed): void {
  if (context === undefined) {
    if (!recorded.equals(NO_COMMITMENT)) throw differs('commitment');
    return;
  }
  if (salt === null) throw new ReceiptNotVerified('the log did not say which salt it used');
  if (!recorded.equals(commitment(Buffer.from(salt, 'base64'), context))) throw differs('commitment');
}

function parseKey(key: string): Ed25519Verifier {
  try {
    return parseVerifierKey(key);
  } catch (error) {
    throw new StartError('SIGNING_CT_VERIFIER_KEYS holds a key that is not a verifier key of a log.', { cause: error });
  }
}
