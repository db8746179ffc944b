/**
 * A template directory that cannot be used. The message names the place as `file:line: reason`, or `file: reason` where
 * the fault has no single line; it quotes template text only, never a value taken from a request.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
  ) {
    super(line === undefined ? `${file}: ${reason}` : `${file}:${String(line)}: ${reason}`);
  }
}

/** A value that must not reach a configuration file: a line break in it would add directives of its own. */
export class UnsafeValue extends Error {
  override readonly name = 'UnsafeValue';

  /** @param path where the value stands, such as `user.name`; the value itself is never repeated */
  constructor(readonly path: string) {
    super(`the value of "${path}" contains a control character`);
  }
}

/** A choice that the template directory does not offer: an option, a template set, or a group without template. */
export class UnknownTemplateChoice extends Error {
  override readonly name = 'UnknownTemplateChoice';

  constructor(
    readonly kind: 'option' | 'template set' | 'profile template',
    readonly choice: string,
  ) {
    super(`there is no ${kind} "${choice}"`);
  }
}
