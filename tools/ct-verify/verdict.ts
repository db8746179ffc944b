/** One thing that has been established: for people under its label, for programs under its name. */
export interface Fact {
  /** snake_case */
  readonly name: string;
  readonly label: string;
  readonly value: string | number | readonly string[];
}

/** What a command answers when all holds. */
export interface Verification {
  /** A sentence without its full stop. */
  readonly summary: string;
  readonly facts: readonly Fact[];
}

/** What was read does not prove what it claims. The message goes on after "Not verified: ", without a full stop. */
export class Refuted extends Error {
  override readonly name = 'Refuted';

  constructor(
    /** For programs; those of TlogError where it found the fault. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Nothing could be checked: a file that cannot be read, a key or proof that is missing. Message as in Refuted. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell';
}
