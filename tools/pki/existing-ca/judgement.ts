import { type CertificateAuthority, Issuer } from '@libs/pki';
import { Refused } from '../../cli/refused';
import type { Ceremony } from '../ceremony';
import { subjectText } from '../facts';
import type { ExistingCa } from './ca-folder';
import type { Finding } from './finding';
import { openForeignKey } from './key-file';

/** Records what was found. @throws Refused with all of it when something blocks */
export function judge(ceremony: Ceremony, ca: ExistingCa, findings: readonly Finding[]): void {
  const lines = findings.map(({ id, text }) => `${id}: ${text}`);
  ceremony.record({ label: 'Taken over', value: `${subjectText(ca.certificate.der)} (${ca.layout})` });
  ceremony.note(...lines);
  const blocks = findings.filter(({ blocks: blocked }) => blocked);
  if (blocks.length === 0) return;
  const list = (which: readonly Finding[]): string => which.map(({ id, text }) => `\n  - ${id}: ${text}`).join('');
  const others = findings.filter((finding) => !blocks.includes(finding));
  throw new Refused(
    `${ca.certificatePath} does not fit:${list(blocks)}` +
      (others.length === 0 ? '' : `\nApart from that:${list(others)}`),
  );
}

/** Opens the key of a CA that fits. @throws Refused */
export async function openAuthority(ceremony: Ceremony, ca: ExistingCa): Promise<CertificateAuthority> {
  const { passphrases } = ceremony.surroundings;
  const { privateKey, wasEncrypted } = await openForeignKey(ca.keyText, ca.keyPath, ca.certificate, passphrases);
  if (!wasEncrypted) ceremony.note(`${ca.keyPath} is not encrypted: destroy it, and every copy, when this has worked.`);
  return { issuer: Issuer.fromCertificate(ca.certificate.der), privateKey };
}

/** The end of a rehearsal, which takes nothing over. */
export function looked(ceremony: Ceremony): Promise<string> {
  ceremony.note('It fits, and its key has been opened. A rehearsal takes nothing over.');
  return ceremony.finishWithoutOutput();
}
