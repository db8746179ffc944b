import { join } from 'node:path';
import type { Ceremony } from '../ceremony';
import { type ImportPlan, required } from '../ceremony-plan';
import { caFindings } from '../existing-ca/ca-fitness';
import type { ExistingCa } from '../existing-ca/ca-folder';
import { issuedFindings, stillValid } from '../existing-ca/issued-fitness';
import { judge, looked, openAuthority } from '../existing-ca/judgement';
import { readSuperior, superiorFindings } from '../existing-ca/superior-root';
import { INTERMEDIATES, makeIntermediate } from '../intermediate';

/** Takes over an intermediate, with the certificate and the CRL of its root, for the signing service. */
export async function importIntermediate(ceremony: Ceremony, ca: ExistingCa, plan: ImportPlan): Promise<string> {
  const { began: now, surroundings } = ceremony;
  const path = join(INTERMEDIATES, required(plan.name, 'import.name'));
  if (!surroundings.rehearsal) await ceremony.assertAbsent(path);
  const above = await readSuperior(ceremony, plan);
  const ofCa = caFindings({ certificate: ca.certificate, role: 'intermediate', root: above.certificate, now });
  judge(ceremony, ca, [...ofCa, ...superiorFindings(above, ca, now), ...issuedFindings(ca, now)]);
  for (const subject of stillValid(ca, now)) {
    ceremony.note(`${subject} was issued before: it goes on to connect, no log knows it, services cannot revoke it.`);
  }
  const intermediate = await openAuthority(ceremony, ca);
  if (surroundings.rehearsal) return looked(ceremony);
  const passphrase = await surroundings.passphrases.forNewKey('intermediate');
  const { certificate, crlPem } = above;
  await makeIntermediate(ceremony, intermediate, { passphrase, rootDer: certificate.der, crlPem });
  return ceremony.finish(path);
}
