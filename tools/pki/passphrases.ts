import type { HiddenInput } from '../cli/hidden-input';
import { Refused } from '../cli/refused';
import { type SecretSource, readSecret } from '../cli/secret-source';

export type KeyRole = 'root' | 'intermediate' | 'imported';

/** The signing service asks for as many. */
const SHORTEST = 16;

const NAMES: Readonly<Record<KeyRole, string>> = {
  root: "the passphrase of the root's key",
  intermediate: "the passphrase of the intermediate's key",
  imported: 'the passphrase of the key to be imported',
};

/** Where the passphrases of this ceremony come from. */
export class Passphrases {
  /** Those that were asked for, by role: none may be another's. */
  private readonly chosen = new Map<KeyRole, string>();

  constructor(
    private readonly sources: Readonly<Record<KeyRole, SecretSource>>,
    private readonly terminal: HiddenInput | undefined,
  ) {}

  /** Of a key that is there already. @throws Refused */
  existing(role: KeyRole): Promise<string> {
    return this.read(role, false);
  }

  /**
   * Of a key that is made now: at least 16 characters, and not the one of another role, or whoever runs the signing service
   * could open the root.
   * @throws Refused
   */
  async forNewKey(role: KeyRole): Promise<string> {
    const passphrase = await this.read(role, true);
    if (Array.from(passphrase).length < SHORTEST) {
      throw new Refused(`${capitalised(NAMES[role])} has fewer than ${SHORTEST} characters.`);
    }
    return passphrase;
  }

  private async read(role: KeyRole, isNew: boolean): Promise<string> {
    const passphrase = await readSecret(this.sources[role], { what: NAMES[role], isNew }, this.terminal);
    for (const [other, theirs] of this.chosen) {
      if (isNew && other !== role && other !== 'imported' && theirs === passphrase) {
        throw new Refused(`${capitalised(NAMES[role])} is also ${NAMES[other]}: each key gets its own.`);
      }
    }
    this.chosen.set(role, passphrase);
    return passphrase;
  }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
