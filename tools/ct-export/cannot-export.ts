/** A person can mend it: the message says how. */
export class CannotExport extends Error {
  override readonly name = 'CannotExport';
}
