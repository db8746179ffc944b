import { Refused } from '../cli/refused';

/** What the program ends with; documented in docs/ovpn-config.md, and never given another meaning. */
export const ExitStatus = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notSignedIn: 3,
  refused: 4,
  unavailable: 5,
  notProven: 6,
  file: 7,
  interrupted: 130,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** A command cannot be carried out. `message` is one or more whole sentences for the person at the terminal. */
export class Failed extends Refused {
  override readonly name = 'Failed';

  constructor(
    readonly status: ExitStatus,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
