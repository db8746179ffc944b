import {
  PublicKeyRejected,
  checkPublicKey,
  knownSignatureAlgorithm,
  timeValue,
  publicKeyOf,
  verifySignature,
  type ParsedCertificate,
} from '@libs/pki';
import { keyText } from '../facts';
import type { CaSubject, FitnessCheck } from './ca-fitness';
import { blocking, remark } from './finding';
import { foreignSignatureName } from './signature-names';

const emptyName = Buffer.of(0x30, 0);
/** RFC 5280 §4.1.2.2; CRLs of ours take no longer ones. */
const LONGEST_SERIAL = 20;

const notAfter = ({ tbs }: ParsedCertificate): Date => timeValue(tbs.notAfter, 'notAfter');

/** Checks of the fields before the extensions. */
export const fieldChecks: readonly FitnessCheck[] = [
  {
    id: 'version',
    check: ({ certificate }) =>
      certificate.tbs.version === 3
        ? undefined
        : blocking('version', `It is a certificate of version ${certificate.tbs.version}, without extensions.`),
  },
  {
    id: 'serial-number',
    check: ({ certificate, role }) => {
      const problem = serialProblem(certificate.tbs.serialNumber);
      if (problem === undefined) return undefined;
      // The root's CRL could not name it; a root is on no CRL.
      return role === 'intermediate' ? blocking('serial-number', problem) : remark('serial-number', problem);
    },
  },
  {
    id: 'public-key',
    check: ({ certificate }) => {
      try {
        checkPublicKey(certificate.tbs.spki);
        return undefined;
      } catch (error) {
        if (!(error instanceof PublicKeyRejected)) throw error;
        return blocking('public-key', `${error.message} It is ${keyText(certificate.tbs.spki)}.`);
      }
    },
  },
  {
    id: 'signature-algorithm',
    check: ({ certificate }) => {
      const { signatureAlgorithm } = certificate;
      if (knownSignatureAlgorithm(signatureAlgorithm) !== undefined) return undefined;
      return blocking('signature-algorithm', `It is signed with ${foreignSignatureName(signatureAlgorithm)}.`);
    },
  },
  {
    id: 'signature',
    check: (subject) => {
      const signer = subject.role === 'root' ? subject.certificate : subject.root;
      if (signer === undefined) return blocking('signature', 'The root that has issued it is not known.');
      if (knownSignatureAlgorithm(subject.certificate.signatureAlgorithm) === undefined) return undefined;
      if (isSignedBy(subject.certificate, signer)) return undefined;
      const whose = subject.role === 'root' ? 'its own' : "the root's";
      return blocking('signature', `Its signature is not ${whose}.`);
    },
  },
  { id: 'validity', check: validityFinding },
  {
    id: 'outlives-root',
    check: ({ certificate, root }) =>
      root !== undefined && notAfter(certificate) > notAfter(root)
        ? blocking(
            'outlives-root',
            `It outlives its root: it expires on ${notAfter(certificate).toISOString()}, the root on ${notAfter(root).toISOString()}.`,
          )
        : undefined,
  },
  {
    id: 'subject',
    check: ({ certificate, root }) => {
      const { subject } = certificate.tbs;
      if (subject.equals(emptyName)) return blocking('subject', 'It has no name.');
      return root?.tbs.subject.equals(subject) === true
        ? blocking('subject', 'It has the same name as its root, and CRLs are found by the name.')
        : undefined;
    },
  },
];

/** What is wrong with a serial number (the content of its INTEGER), as a sentence. */
export function serialProblem(serial: Buffer): string | undefined {
  if ((serial[0] ?? 0) >= 0x80) return 'Its serial number is negative.';
  if (serial.length > LONGEST_SERIAL) return `Its serial number has ${serial.length} bytes, and 20 are the most.`;
  return serial.every((byte) => byte === 0) ? 'Its serial number is zero.' : undefined;
}

/** Whether the key in `signer` made the signature of `certificate`, which names it as its issuer. */
export function isSignedBy(certificate: ParsedCertificate, signer: ParsedCertificate): boolean {
  const algorithm = knownSignatureAlgorithm(certificate.signatureAlgorithm);
  return (
    algorithm !== undefined &&
    certificate.tbs.issuer.equals(signer.tbs.subject) &&
    certificate.tbs.signatureAlgorithm.equals(certificate.signatureAlgorithm) &&
    verifySignature({
      algorithm,
      publicKey: publicKeyOf(signer.tbs.spki),
      data: certificate.tbs.der,
      signature: certificate.signature,
    })
  );
}

function validityFinding({ certificate, now }: CaSubject): ReturnType<FitnessCheck['check']> {
  const notBefore = timeValue(certificate.tbs.notBefore, 'notBefore');
  if (now < notBefore) return blocking('validity', `It is not valid before ${notBefore.toISOString()}.`);
  if (now >= notAfter(certificate)) {
    return blocking('validity', `It expired on ${notAfter(certificate).toISOString()}.`);
  }
  return undefined;
}
