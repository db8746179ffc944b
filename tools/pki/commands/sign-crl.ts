import { REVOCATION_REASON_CODES } from '@libs/contracts';
import {
  type Issuer,
  type RevokedCertificate,
  createRootCrl,
  crlPemLabel,
  crlSerialNumbers,
  onlyPemBlock,
  parseCertificate,
  parseCrl,
  toPem,
} from '@libs/pki';
import { join } from 'node:path';
import { Refused } from '../../cli/refused';
import type { Ceremony } from '../ceremony';
import { type RevocationPlan, required } from '../ceremony-plan';
import { crlFacts } from '../facts';
import { unreadable } from '../pki-files';
import { ROOT_CRL, ROOT_FOLDER, assertCrlWithin, assertTimeHasPassed, crlFolder, openRoot, readRoot } from '../root';
import { serialText } from '../serial-text';

/**
 * The root's next CRL: all that the last one names, and what the ceremony file revokes besides. Answers the path of the
 * transcript.
 */
export async function signCrl(ceremony: Ceremony): Promise<string> {
  const { began: now } = ceremony;
  const plan = required(ceremony.plan.crl, 'crl');
  const closed = await readRoot(ceremony);
  const number = closed.crlNumber + 1n;
  const path = join(ROOT_FOLDER, crlFolder(number));
  await ceremony.assertAbsent(path);
  assertCrlWithin(closed.issuer, plan, now);
  const revoke: RevokedCertificate[] = [];
  for (const item of plan.revoked) revoke.push(await revocation(ceremony, item, closed.issuer));
  const before = new Set(crlSerialNumbers(closed.crl));
  const news = revoke.filter(({ serialNumber }) => !before.has(serialNumber));
  const root = await openRoot(ceremony, closed);
  assertTimeHasPassed(closed.crl.thisUpdate, now);
  const crl = await createRootCrl(root, { now, validityDays: plan.validityDays, previous: closed.crl, revoke });
  ceremony.make(ROOT_CRL, toPem(crlPemLabel, crl));
  ceremony.record(...crlFacts("Root's CRL", parseCrl(crl)));
  ceremony.note(
    news.length === 0
      ? 'This CRL revokes nothing that the last one did not.'
      : `Newly revoked: ${news.map(({ serialNumber }) => serialNumber).join(', ')}.`,
  );
  return ceremony.finish(path);
}

async function revocation(ceremony: Ceremony, plan: RevocationPlan, root: Issuer): Promise<RevokedCertificate> {
  const { began } = ceremony;
  const revokedAt = plan.revokedAt ?? began;
  if (revokedAt > began) throw new Refused(`${revokedAt.toISOString()}, when something was revoked, is yet to come.`);
  const serialNumber =
    'path' in plan.certificate
      ? await serialOfCertificate(ceremony, plan.certificate.path, root)
      : serialText(Buffer.from(plan.certificate.serialNumber, 'hex'));
  return { serialNumber, revokedAt, reason: REVOCATION_REASON_CODES[plan.reason] };
}

async function serialOfCertificate(ceremony: Ceremony, path: string, root: Issuer): Promise<string> {
  const text = (await ceremony.read(path)).toString('utf8');
  try {
    const certificate = parseCertificate(onlyPemBlock(text, 'CERTIFICATE'));
    if (root.issued(certificate)) return serialText(certificate.tbs.serialNumber);
  } catch (error) {
    throw unreadable(error, path, 'a certificate');
  }
  throw new Refused(`${path} was not issued by this root: its CRL cannot revoke it.`);
}
