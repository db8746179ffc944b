export type KeyEnvelopeFailure = 'malformed' | 'not_encrypted' | 'wrong_passphrase' | 'key_mismatch';

/** A key file cannot be opened. `message` is a sentence for the operator. */
export class KeyEnvelopeError extends Error {
  override readonly name = 'KeyEnvelopeError';

  constructor(
    readonly failure: KeyEnvelopeFailure,
    message: string,
  ) {
    super(message);
  }
}
