import { decodeLeaf, leafTypeOf, parseReceipt, rebuildLeaf, type Receipt, verifyReceipt } from '@libs/tlog';
import { sha256 } from '@libs/pki';
import { assertLeafAgrees, readCertificateFile } from '../certificate';
import { type Command, fileAt } from '../command';
import { entryFacts } from '../facts';
import { readText } from '../input';
import { CannotTell, Refuted } from '../verdict';

export const receipt: Command = {
  synopsis: 'receipt FILE [--certificate FILE]',
  purpose: 'that an entry stands in the log; one about an issued certificate needs the certificate',
  files: 1,
  options: ['certificate'],
  async run({ files, options, verifiers }) {
    const parsed = parseReceipt(await readText(fileAt(files, 0)));
    const certificate = options.certificate === undefined ? undefined : await readCertificateFile(options.certificate);
    const proven = verifyReceipt(parsed, leafOf(parsed, certificate), verifiers);
    const leaf = decodeLeaf(proven.leaf);
    if (leaf.type === 'issued') assertLeafAgrees(leaf);
    return { summary: 'The entry stands in the log', facts: entryFacts(leaf, proven) };
  },
};

/** The whole leaf, for which the certificate is needed where the entry is about its issuing. */
function leafOf({ extra }: Receipt, certificate: Buffer | undefined): Buffer {
  if (extra === undefined) throw new Refuted('malformed_receipt', 'the receipt does not say what the entry is');
  if (leafTypeOf(extra) === 'issued') {
    if (certificate !== undefined) return rebuildLeaf(extra, certificate);
    throw new CannotTell('the receipt is about an issued certificate: give the certificate with --certificate');
  }
  if (certificate !== undefined) assertAbout(extra, certificate);
  return extra;
}

function assertAbout(bytes: Buffer, certificate: Buffer): void {
  const leaf = decodeLeaf(bytes);
  if (leaf.type !== 'revoked') throw new Refuted('other_certificate', 'the receipt is not about a certificate');
  if (!leaf.fingerprint.equals(sha256(certificate))) {
    throw new Refuted('other_certificate', 'the receipt is about another certificate');
  }
}
