import { decodeLeaf, fromComments, type NoteVerifier, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { assertLeafAgrees } from '../certificate';
import { type Command, fileAt } from '../command';
import { entryFacts } from '../facts';
import { readText } from '../input';
import { certificateOfProfile } from '../profile-file';
import { Refuted, type Verification } from '../verdict';

export const profile: Command = {
  synopsis: 'profile FILE',
  purpose: "that the certificate in an .ovpn file (or a bundle's server.crt) stands in the log",
  files: 1,
  options: [],
  async run({ files, verifiers }) {
    return verifyProfile(await readText(fileAt(files, 0)), verifiers);
  },
};

/**
 * Whether the certificate in the text of a profile, or of a bundle's `server.crt`, stands in the log.
 * @throws Refuted, TlogError
 */
export function verifyProfile(text: string, verifiers: readonly NoteVerifier[]): Verification {
  const certificate = certificateOfProfile(text);
  const receipt = parseReceipt(fromComments(text));
  const { extra } = receipt;
  if (extra === undefined) throw new Refuted('malformed_receipt', 'the receipt does not say what the entry is');
  const proven = verifyReceipt(receipt, rebuildLeaf(extra, certificate), verifiers);
  const leaf = decodeLeaf(proven.leaf);
  if (leaf.type !== 'issued') throw new Refuted('malformed_receipt', 'the receipt is not about an issued certificate');
  assertLeafAgrees(leaf);
  return { summary: 'The certificate of this profile stands in the log', facts: entryFacts(leaf, proven) };
}
