import {
  type ParsedCertificate,
  PublicKeyRejected,
  MalformedDer,
  checkPublicKey,
  knownSignatureAlgorithm,
  timeValue,
} from '@libs/pki';
import { keyText, subjectText } from '../facts';
import { serialText } from '../serial-text';
import type { ExistingCa, FoundCertificate } from './ca-folder';
import { isSignedBy, serialProblem } from './field-fitness';
import { type Finding, remark } from './finding';
import { foreignSignatureName } from './signature-names';

/** What is noteworthy about the certificates that the CA has issued, as far as they are there; none of it blocks. */
export function issuedFindings({ certificate: ca, issued, index }: ExistingCa, now: Date): Finding[] {
  const findings = issued.flatMap((found) => findingsOf(found, ca));
  const paths = new Map<string, string>();
  for (const { path, certificate } of issued) {
    if (certificate === undefined) continue;
    const serial = serialText(certificate.tbs.serialNumber);
    const other = paths.get(serial);
    if (other !== undefined && other !== path) {
      findings.push(remark('issued-twice', `${path}: its serial number is that of ${other} too.`));
    }
    paths.set(serial, path);
  }
  if (index === undefined) return findings;
  const known = new Map(index.map((entry) => [serialText(Buffer.from(entry.serialNumber, 'hex')), entry]));
  for (const [serial, path] of paths) {
    if (!known.has(serial)) findings.push(remark('not-in-index', `${path}: index.txt does not know it.`));
  }
  const lost = index.filter(({ state, expires }) => state === 'valid' && expires > now);
  const unseen = lost.filter(({ serialNumber }) => !paths.has(serialText(Buffer.from(serialNumber, 'hex'))));
  for (const { serialNumber, subject } of unseen) {
    findings.push(remark('not-in-folder', `${serialNumber} (${subject}) stands in index.txt, but not in the folder.`));
  }
  return findings;
}

function findingsOf({ path, certificate, problem }: FoundCertificate, ca: ParsedCertificate): Finding[] {
  if (certificate === undefined) return [remark('issued-unreadable', `${path} cannot be read: ${problem}.`)];
  const { tbs, signatureAlgorithm, der } = certificate;
  const name = `${path} (${subjectText(der)})`;
  const texts: (string | undefined)[] = [serialProblem(tbs.serialNumber), keyProblem(tbs.spki)];
  if (knownSignatureAlgorithm(signatureAlgorithm) === undefined) {
    texts.push(`It is signed with ${foreignSignatureName(signatureAlgorithm)}.`);
  } else if (!isSignedBy(certificate, ca)) texts.push('It was not issued by this CA.');
  if (timeValue(tbs.notAfter, 'notAfter') > timeValue(ca.tbs.notAfter, 'notAfter')) texts.push('It outlives the CA.');
  return texts.flatMap((text) => (text === undefined ? [] : [remark('issued', `${name}: ${text}`)]));
}

function keyProblem(spki: Buffer): string | undefined {
  try {
    checkPublicKey(spki);
    return undefined;
  } catch (error) {
    if (error instanceof PublicKeyRejected) return `${error.message} It is ${keyText(spki)}.`;
    if (error instanceof MalformedDer) return 'Its key is not encoded as services demand.';
    throw error;
  }
}

/** Certificates that go on to connect wherever the CA is trusted, by the database or, without one, by the files. */
export function stillValid({ index, issued, certificate: ca }: ExistingCa, now: Date): string[] {
  if (index !== undefined) {
    return index.filter(({ state, expires }) => state === 'valid' && expires > now).map(({ subject }) => subject);
  }
  return issued.flatMap(({ certificate }) =>
    certificate !== undefined && isSignedBy(certificate, ca) && timeValue(certificate.tbs.notAfter, 'notAfter') > now
      ? [subjectText(certificate.der)]
      : [],
  );
}
