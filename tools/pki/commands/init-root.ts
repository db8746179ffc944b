import { createRoot, createRootCrl, parseCrl } from '@libs/pki';
import { Refused } from '../../cli/refused';
import type { Ceremony } from '../ceremony';
import { markedName, required } from '../ceremony-plan';
import { ROOT_FOLDER, makeRoot } from '../root';

/** A new root: its encrypted key, its certificate and its first CRL. Answers the path of the transcript. */
export async function initRoot(ceremony: Ceremony): Promise<string> {
  const { plan, began: now, surroundings } = ceremony;
  const { commonName, key: algorithm, validityDays } = required(plan.root, 'root');
  const crlPlan = required(plan.crl, 'crl');
  if (crlPlan.revoked.length > 0) {
    throw new Refused('crl.revoked names certificates, but a new root has not issued any.');
  }
  if (crlPlan.validityDays > validityDays) throw new Refused('The CRL would be valid longer than the root.');
  await ceremony.assertAbsent(ROOT_FOLDER);
  const passphrase = await surroundings.passphrases.forNewKey('root');
  const root = await createRoot({ commonName: markedName(commonName, surroundings), algorithm, now, validityDays });
  const crl = await createRootCrl(root, { now, validityDays: crlPlan.validityDays });
  await makeRoot(ceremony, root, { passphrase, crl: parseCrl(crl) });
  return ceremony.finish(ROOT_FOLDER);
}
