import {
  type CertificateAuthority,
  type Issuer,
  type ParsedCrl,
  crlNumberOf,
  crlPemLabel,
  dayMs,
  leastBackdatingMs,
  sealPrivateKey,
  toPem,
} from '@libs/pki';
import type { KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused, codeOf } from '../cli/refused';
import type { Ceremony } from './ceremony';
import { REHEARSAL_MARK } from './ca-plan';
import type { CrlPlan } from './ceremony-plan';
import { authorityFacts, crlFacts, subjectText } from './facts';
import { issuerFrom, openKey, rootCrlFrom } from './pki-files';

/** Names inside the output folder. */
export const ROOT_FOLDER = 'root';
export const ROOT_CERTIFICATE = 'root.crt';
export const ROOT_KEY = 'root.key.json';
export const ROOT_CRL = 'root.crl.pem';

/** The folder of a CRL inside `root`: each has its own, so that none takes the place of another. */
export function crlFolder(number: bigint): string {
  return join('crls', number.toString().padStart(4, '0'));
}

/** A root of an earlier step, its key still closed. */
export interface ClosedRoot {
  readonly issuer: Issuer;
  readonly crl: ParsedCrl;
  readonly crlNumber: bigint;
  readonly crlPem: Buffer;
}

/** The root and its newest CRL. @throws Refused unless they belong together and are valid now */
export async function readRoot(ceremony: Ceremony): Promise<ClosedRoot> {
  const folder = join(ceremony.folder, ROOT_FOLDER);
  const path = join(folder, ROOT_CERTIFICATE);
  const issuer = issuerFrom(await ceremony.read(path), path);
  assertRoot(issuer, path, ceremony);
  const crlPath = join(folder, 'crls', await newestCrl(folder), ROOT_CRL);
  const crlPem = await ceremony.read(crlPath);
  return { issuer, crlPem, ...rootCrlFrom(crlPem, crlPath, issuer) };
}

/** Opens the key of the root; asks for the passphrase as late as that. @throws Refused */
export async function openRoot(ceremony: Ceremony, { issuer }: ClosedRoot): Promise<CertificateAuthority> {
  const path = join(ceremony.folder, ROOT_FOLDER, ROOT_KEY);
  const text = (await ceremony.read(path)).toString('utf8');
  const passphrase = await ceremony.surroundings.passphrases.existing('root');
  return { issuer, privateKey: await openKey(text, passphrase, issuer.certificate.tbs.spki, path) };
}

/** The text of an encrypted key file. It is opened once before it counts: nobody should find out later that it cannot be. */
export async function sealed(privateKey: KeyObject, spki: Buffer, passphrase: string): Promise<string> {
  const text = await sealPrivateKey(privateKey, passphrase);
  await openKey(text, passphrase, spki, 'The new key file');
  return text;
}

/** The files of a root: encrypted key, certificate and CRL. */
export async function makeRoot(
  ceremony: Ceremony,
  root: CertificateAuthority,
  { passphrase, crl }: { readonly passphrase: string; readonly crl: ParsedCrl },
): Promise<void> {
  ceremony.make(ROOT_KEY, await sealed(root.privateKey, root.issuer.certificate.tbs.spki, passphrase));
  ceremony.make(ROOT_CERTIFICATE, toPem('CERTIFICATE', root.issuer.der));
  ceremony.make(join(crlFolder(crlNumberOf(crl) ?? 1n), ROOT_CRL), toPem(crlPemLabel, crl.der));
  ceremony.record(...authorityFacts('Root', root.issuer), ...crlFacts("Root's CRL", crl));
}

/**
 * thisUpdate is later than the last one's by a second, and still backdated.
 * @throws Refused when the last one is too young for that
 */
export function assertTimeHasPassed(lastUpdate: Date, now: Date): void {
  const wait = lastUpdate.getTime() + 1000 + leastBackdatingMs - now.getTime();
  if (wait <= 0) return;
  throw new Refused(`The last CRL is too young to be replaced: try again in ${Math.ceil(wait / 1000)} seconds.`);
}

/** @throws Refused when a CRL as the ceremony file wants it would be valid longer than the root */
export function assertCrlWithin(root: Issuer, { validityDays }: CrlPlan, began: Date): void {
  if (began.getTime() + validityDays * dayMs <= root.notAfter.getTime()) return;
  throw new Refused(`The CRL would be valid longer than the root, which expires on ${root.notAfter.toISOString()}.`);
}

function assertRoot(issuer: Issuer, path: string, { began, surroundings }: Ceremony): void {
  if (!issuer.issued(issuer.certificate)) throw new Refused(`${path} has not signed itself: it is no root.`);
  if (began < issuer.notBefore) {
    throw new Refused(`${path} is not valid before ${issuer.notBefore.toISOString()}: is the clock right?`);
  }
  if (began >= issuer.notAfter) throw new Refused(`${path} expired on ${issuer.notAfter.toISOString()}.`);
  const isMarked = subjectText(issuer.der).includes(`CN=${REHEARSAL_MARK}`);
  if (isMarked !== surroundings.rehearsal) {
    throw new Refused(`${path} ${isMarked ? 'is the root of a rehearsal' : 'is no root of a rehearsal'}.`);
  }
}

async function newestCrl(folder: string): Promise<string> {
  const names = await readdir(join(folder, 'crls')).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const numbered = names.filter((name) => /^\d{4,}$/.test(name));
  const newest = numbered.sort((left, right) => (BigInt(left) < BigInt(right) ? 1 : -1))[0];
  if (newest === undefined) throw new Refused(`${join(folder, 'crls')} holds no CRL of the root.`);
  return newest;
}
