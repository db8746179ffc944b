import { decodeLeaf, fromComments, parseReceipt, rebuildLeaf, verifyReceipt } from '@libs/tlog';
import { assertLeafAgrees } from '../certificate';
import { type Command, fileAt } from '../command';
import { entryFacts } from '../facts';
import { readText } from '../input';
import { certificateOfProfile } from '../profile-file';
import { Refuted } from '../verdict';

export const profile: Command = {
  synopsis: 'profile FILE',
  purpose: "that the certificate in an .ovpn file (or a bundle's server.crt) stands in the log",
  files: 1,
  options: [],
  async run({ files, verifiers }) {
    const text = await readText(fileAt(files, 0));
    const certificate = certificateOfProfile(text);
    const receipt = parseReceipt(fromComments(text));
    const { extra } = receipt;
    if (extra === undefined) throw new Refuted('malformed_receipt', 'the receipt does not say what the entry is');
    const proven = verifyReceipt(receipt, rebuildLeaf(extra, certificate), verifiers);
    const leaf = decodeLeaf(proven.leaf);
    if (leaf.type !== 'issued')
      throw new Refuted('malformed_receipt', 'the receipt is not about an issued certificate');
    assertLeafAgrees(leaf);
    return { summary: 'The certificate of this profile stands in the log', facts: entryFacts(leaf, proven) };
  },
};
