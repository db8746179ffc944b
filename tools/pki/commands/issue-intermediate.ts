import { type Issuer, certifyIntermediate, createIntermediate, dayMs } from '@libs/pki';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused, codeOf } from '../../cli/refused';
import type { Ceremony } from '../ceremony';
import type { CaPlan, IntermediatePlan, RequestedKey } from '../ca-plan';
import { markedName, required } from '../ceremony-plan';
import {
  INTERMEDIATES,
  INTERMEDIATE_CERTIFICATE,
  makeIntermediate,
  makeIntermediateCertificate,
} from '../intermediate';
import { issuerFrom, requestedSpki } from '../pki-files';
import { type ClosedRoot, openRoot, readRoot } from '../root';

/**
 * A new intermediate, in a folder that the signing service opens as it is: encrypted key, certificate, and of the root the
 * certificate and the newest CRL. For a key that the signing host has made, the same without the key. Answers the path of the
 * transcript.
 */
export async function issueIntermediate(ceremony: Ceremony): Promise<string> {
  const { began: now } = ceremony;
  const plan = required(ceremony.plan.intermediate, 'intermediate');
  const { name, key } = plan;
  await ceremony.assertAbsent(join(INTERMEDIATES, name));
  const closed = await readRoot(ceremony);
  assertWithinRoot(plan, closed.issuer, now);
  assertFreshCrl(closed, now);
  if (typeof key === 'string') await make(ceremony, closed, { ...plan, key });
  else await certify(ceremony, closed, { ...plan, key });
  return ceremony.finish(join(INTERMEDIATES, name));
}

async function make(ceremony: Ceremony, closed: ClosedRoot, plan: CaPlan): Promise<void> {
  const { began: now, surroundings } = ceremony;
  const { validityDays, key: algorithm } = plan;
  const commonName = markedName(plan.commonName, surroundings);
  const root = await openRoot(ceremony, closed);
  const passphrase = await surroundings.passphrases.forNewKey('intermediate');
  const intermediate = await createIntermediate(root, { commonName, algorithm, now, validityDays });
  await assertDistinct(ceremony, intermediate.issuer);
  await makeIntermediate(ceremony, intermediate, { passphrase, rootDer: root.issuer.der, crlPem: closed.crlPem });
}

async function certify(
  ceremony: Ceremony,
  closed: ClosedRoot,
  plan: IntermediatePlan & { readonly key: RequestedKey },
): Promise<void> {
  const { began: now, surroundings } = ceremony;
  const commonName = markedName(plan.commonName, surroundings);
  const spki = requestedSpki(await ceremony.read(plan.key.csr), plan.key);
  const root = await openRoot(ceremony, closed);
  const issuer = await certifyIntermediate(root, { commonName, spki, now, validityDays: plan.validityDays });
  await assertDistinct(ceremony, issuer);
  makeIntermediateCertificate(ceremony, issuer, { rootDer: root.issuer.der, crlPem: closed.crlPem });
  ceremony.note(
    'The request proved that its sender has the key, which was never here. Nothing but the key was taken from it.',
  );
}

/** Cutting the validity off silently would sign something else than what was reviewed. */
function assertWithinRoot({ validityDays }: IntermediatePlan, root: Issuer, now: Date): void {
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

/**
 * OpenVPN finds a CRL by the issuer's name, the log an issuer by its key: two with the same would have their revocations mixed up. A key
 * that is made here is nobody else's; one that was asked for may be. That it is not the root's, the lint sees to.
 */
async function assertDistinct(ceremony: Ceremony, issuer: Issuer): Promise<void> {
  const folder = join(ceremony.folder, INTERMEDIATES);
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const path = join(folder, name, INTERMEDIATE_CERTIFICATE);
    const other = issuerFrom(await ceremony.read(path), path);
    if (other.subject.equals(issuer.subject)) {
      throw new Refused(`intermediates/${name} has the same name: give each intermediate a common name of its own.`);
    }
    if (other.spkiSha256.equals(issuer.spkiSha256)) {
      throw new Refused(`intermediates/${name} has the same key: give each intermediate a key of its own.`);
    }
  }
}
