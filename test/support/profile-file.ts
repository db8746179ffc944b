import { X509Certificate } from 'node:crypto';
import { rebuildLeaf, fromComments, parseReceipt, parseVerifierKey, verifyReceipt, type ProvenEntry } from '@libs/tlog';

/** What stands inline in an `.ovpn` file. */
export class ProfileFile {
  constructor(readonly text: string) {}

  /** The content of `<name>…</name>`. */
  block(name: string): string {
    const content = new RegExp(`<${name}>\\n([\\s\\S]*?)</${name}>`).exec(this.text)?.[1];
    if (content === undefined) throw new Error(`the profile has no <${name}> block:\n${this.withoutBlocks()}`);
    return content;
  }

  replaceBlock(name: string, content: string): ProfileFile {
    return new ProfileFile(this.text.replace(this.block(name), content));
  }

  get certificate(): X509Certificate {
    return new X509Certificate(this.block('cert'));
  }

  /** As the API names it: lower-case hex. */
  get fingerprint(): string {
    return this.certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  }

  /** @throws TlogError unless the receipt in the comments proves the certificate's entry */
  verifyReceipt(verifierKey: string): ProvenEntry {
    const der = this.certificate.raw;
    const receipt = parseReceipt(fromComments(this.text));
    return verifyReceipt(receipt, (extra) => rebuildLeaf(extra ?? Buffer.alloc(0), der), [
      parseVerifierKey(verifierKey),
    ]);
  }

  /** Safe to print: everything but inline material. */
  withoutBlocks(): string {
    return this.text.replaceAll(/<([a-z0-9-]+)>\n[\s\S]*?<\/\1>/g, '<$1>…</$1>');
  }
}
