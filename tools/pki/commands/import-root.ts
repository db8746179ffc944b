import { type CertificateAuthority, createRootCrl, parseCrl } from '@libs/pki';
import type { Ceremony } from '../ceremony';
import { type CrlPlan, required } from '../ceremony-plan';
import { caFindings } from '../existing-ca/ca-fitness';
import type { ExistingCa } from '../existing-ca/ca-folder';
import { type FormerRevocations, formerRevocations } from '../existing-ca/former-revocations';
import { issuedFindings, stillValid } from '../existing-ca/issued-fitness';
import { judge, looked, openAuthority } from '../existing-ca/judgement';
import { ROOT_FOLDER, assertCrlWithin, assertTimeHasPassed, makeRoot } from '../root';

/** Takes over a root with what it has revoked. */
export async function importRoot(ceremony: Ceremony, ca: ExistingCa): Promise<string> {
  const { began: now, surroundings } = ceremony;
  const crlPlan = required(ceremony.plan.crl, 'crl');
  if (!surroundings.rehearsal) await ceremony.assertAbsent(ROOT_FOLDER);
  const former = formerRevocations(ca, now);
  const ofCa = caFindings({ certificate: ca.certificate, role: 'root', root: undefined, now });
  judge(ceremony, ca, [...ofCa, ...former.findings, ...issuedFindings(ca, now)]);
  for (const subject of stillValid(ca, now)) {
    ceremony.note(`${subject} was issued by the root itself: it goes on to connect, and no log knows it.`);
  }
  const root = await openAuthority(ceremony, ca);
  assertCrlWithin(root.issuer, crlPlan, now);
  return surroundings.rehearsal ? looked(ceremony) : write(ceremony, root, former, crlPlan);
}

async function write(
  ceremony: Ceremony,
  root: CertificateAuthority,
  former: FormerRevocations,
  { validityDays }: CrlPlan,
): Promise<string> {
  const { began: now, surroundings } = ceremony;
  const { crl: previous, revoked: revoke } = former;
  if (previous !== undefined) assertTimeHasPassed(previous.thisUpdate, now);
  const passphrase = await surroundings.passphrases.forNewKey('root');
  const crl = await createRootCrl(root, { now, validityDays, revoke, ...(previous && { previous }) });
  await makeRoot(ceremony, root, { passphrase, crl: parseCrl(crl) });
  return ceremony.finish(ROOT_FOLDER);
}
