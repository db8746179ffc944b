import {
  MalformedDer,
  MalformedPem,
  onlyCommonName,
  onlyPemBlock,
  parseCertificate,
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
 * and this is where somebody does.
 * @throws Refuted
 */
export function assertLeafAgrees(leaf: IssuedLeaf): void {
  const facts = readFacts(leaf.der);
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
}

function readFacts(der: Buffer): Pick<IssuedLeaf, 'serial' | 'notBefore' | 'notAfter' | 'commonName'> {
  try {
    const { tbs } = parseCertificate(der);
    return {
      serial: tbs.serialNumber,
      notBefore: timeValue(tbs.notBefore, 'notBefore').getTime(),
      notAfter: timeValue(tbs.notAfter, 'notAfter').getTime(),
      commonName: onlyCommonName(tbs.subject),
    };
  } catch (error) {
    if (error instanceof MalformedDer) throw malformed(error.message);
    throw error;
  }
}

function malformed(reason: string): Refuted {
  return new Refuted('malformed_certificate', `the certificate is malformed: ${reason}`);
}
