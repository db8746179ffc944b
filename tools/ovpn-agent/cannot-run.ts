/** The agent cannot do its work as it is set up: a sentence for the operator, without its full stop. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}
