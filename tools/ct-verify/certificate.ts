import {
  extensionOf,
  MalformedDer,
  MalformedPem,
  onlyCommonName,
  onlyPemBlock,
  parseCertificate,
  type ParsedTbs,
  sha256,
  timeValue,
} from '@libs/pki';
import type { IssuedLeaf } from '@libs/tlog';
import { readInput } from './input';
import { Refuted } from './verdict';

/** DER of a file that holds one certificate, as PEM or as the DER itself. */
export async function readCertificateFile(path: string): Promise<Buffer> {
  const bytes = await readInput(path);
  return bytes.includes('-----BEGIN ') ? certificateOfPem(bytes.toString('utf8')) : bytes;
}

/** @throws Refuted unless the text has one certificate and no other PEM block */
export function certificateOfPem(text: string): Buffer {
  try {
    return onlyPemBlock(text, 'CERTIFICATE');
  } catch (error) {
    if (error instanceof MalformedPem) throw malformed(error.message);
    throw error;
  }
}

/**
 * Holds a leaf against the certificate in it. The log repeats the certificate's fields for those who do not read X.509,
 * and this is where somebody does. Answers how the certificate names its issuer: distinguished name and key identifier.
 * @throws Refuted
 */
export function assertLeafAgrees(leaf: IssuedLeaf): Buffer {
  const { issuer, ...facts } = readFacts(leaf.der);
  const differing = [
    sha256(leaf.der).equals(leaf.fingerprint) || 'fingerprint',
    facts.serial.equals(leaf.serial) || 'serial number',
    facts.notBefore === leaf.notBefore || 'beginning of validity',
    facts.notAfter === leaf.notAfter || 'end of validity',
    facts.commonName === leaf.commonName || 'common name',
  ].filter((difference) => difference !== true);
  if (differing.length > 0) {
    throw new Refuted('fields_differ', `the entry gives another ${differing.join(' and ')} than its certificate`);
  }
  return issuer;
}

function readFacts(der: Buffer): Pick<IssuedLeaf, 'serial' | 'notBefore' | 'notAfter' | 'commonName' | 'issuer'> {
  try {
    const { tbs } = parseCertificate(der);
    return {
      serial: tbs.serialNumber,
      notBefore: timeValue(tbs.notBefore, 'notBefore').getTime(),
      notAfter: timeValue(tbs.notAfter, 'notAfter').getTime(),
      commonName: onlyCommonName(tbs.subject),
      issuer: Buffer.concat([tbs.issuer, authorityOf(tbs)]),
    };
  } catch (error) {
    if (error instanceof MalformedDer) throw malformed(error.message);
    throw error;
  }
}

const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';

function authorityOf({ extensions }: ParsedTbs): Buffer {
  return extensionOf(extensions, AUTHORITY_KEY_IDENTIFIER)?.value ?? Buffer.alloc(0);
}

function malformed(reason: string): Refuted {
  return new Refuted('malformed_certificate', `the certificate is malformed: ${reason}`);
}
