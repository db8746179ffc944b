import { type Issuer, createIntermediate, dayMs } from '@libs/pki';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused, codeOf } from '../../cli/refused';
import type { Ceremony } from '../ceremony';
import { type CaPlan, markedName, required } from '../ceremony-plan';
import { INTERMEDIATES, INTERMEDIATE_CERTIFICATE, makeIntermediate } from '../intermediate';
import { issuerFrom } from '../pki-files';
import { type ClosedRoot, openRoot, readRoot } from '../root';

/**
 * A new intermediate, in a folder that the signing service opens as it is: encrypted key, certificate, and of the root the
 * certificate and the newest CRL. Answers the path of the transcript.
 */
export async function issueIntermediate(ceremony: Ceremony): Promise<string> {
  const { began: now, surroundings } = ceremony;
  const { name, ...plan } = required(ceremony.plan.intermediate, 'intermediate');
  const commonName = markedName(plan.commonName, surroundings);
  await ceremony.assertAbsent(join(INTERMEDIATES, name));
  const closed = await readRoot(ceremony);
  assertWithinRoot(plan, closed.issuer, now);
  assertFreshCrl(closed, now);
  const root = await openRoot(ceremony, closed);
  const passphrase = await surroundings.passphrases.forNewKey('intermediate');
  const { validityDays, key: algorithm } = plan;
  const intermediate = await createIntermediate(root, { commonName, algorithm, now, validityDays });
  await assertDistinct(ceremony, intermediate.issuer);
  const { crlPem } = closed;
  await makeIntermediate(ceremony, intermediate, { passphrase, rootDer: root.issuer.der, crlPem });
  return ceremony.finish(join(INTERMEDIATES, name));
}

/** Cutting the validity off silently would sign something else than what was reviewed. */
function assertWithinRoot({ validityDays }: CaPlan, root: Issuer, now: Date): void {
  const left = Math.floor((root.notAfter.getTime() - now.getTime()) / dayMs);
  if (validityDays <= left) return;
  throw new Refused(
    `The intermediate would outlive its root, which expires on ${root.notAfter.toISOString()}: ` +
      `intermediate.validity_days may be ${left} at most.`,
  );
}

function assertFreshCrl({ crl }: ClosedRoot, now: Date): void {
  if (crl.nextUpdate !== undefined && crl.nextUpdate > now) return;
  throw new Refused("The root's CRL has expired, and an expired one locks everybody out: run sign-crl first.");
}

/** OpenVPN finds a CRL by the issuer's name: two of the same name would have their revocations mixed up. */
async function assertDistinct(ceremony: Ceremony, issuer: Issuer): Promise<void> {
  const folder = join(ceremony.folder, INTERMEDIATES);
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const path = join(folder, name, INTERMEDIATE_CERTIFICATE);
    if (issuerFrom(await ceremony.read(path), path).subject.equals(issuer.subject)) {
      throw new Refused(`intermediates/${name} has the same name: give each intermediate a common name of its own.`);
    }
  }
}
