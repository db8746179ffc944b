/** What went wrong, for programs; the message says it for people. */
export type TlogErrorCode =
  | 'invalid_argument'
  | 'malformed_hash'
  | 'malformed_key'
  | 'malformed_note'
  | 'malformed_checkpoint'
  | 'malformed_tile_path'
  | 'malformed_bundle'
  | 'malformed_receipt'
  | 'malformed_leaf'
  | 'malformed_context'
  | 'note_unverified'
  | 'note_signature_invalid'
  | 'inclusion_invalid'
  | 'consistency_invalid';

/** The one error class of this library: whatever is malformed or does not verify throws it. */
export class TlogError extends Error {
  override readonly name = 'TlogError';

  constructor(
    readonly code: TlogErrorCode,
    message: string,
  ) {
    super(message);
  }
}
