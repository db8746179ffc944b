import type { KeyObject } from 'node:crypto';
import { DerTag } from './der';
import { DerReader, MalformedDer, setBits, timeValue, unsignedValue } from './der-reader';
import { KeyUsage } from './certificate-profiles';
import {
  type ParsedCertificate,
  type ParsedTbs,
  extensionOf,
  parseCertificate,
  subjectKeyIdentifierOf,
} from './certificate-reader';
import { sha256 } from './fingerprint';
import { Oid } from './oids';
import {
  type SignatureAlgorithm,
  knownSignatureAlgorithm,
  publicKeyOf,
  signatureAlgorithmOf,
  verifySignature,
} from './signature-algorithm';
import type { Validity } from './validity';

/** A certificate cannot act as the issuer of certificates and CRLs. `message` is a sentence for the operator. */
export class NotAnIssuer extends Error {
  override readonly name = 'NotAnIssuer';
}

/**
 * A CA certificate, read once: what certificates and CRLs that it issues repeat from it. Subject and key identifier are taken
 * byte for byte, so that a CA which another tool made works as well.
 */
export class Issuer implements Validity {
  private constructor(
    readonly certificate: ParsedCertificate,
    readonly publicKey: KeyObject,
    readonly keyIdentifier: Buffer,
    readonly pathLength: number | undefined,
  ) {
    this.notBefore = timeValue(certificate.tbs.notBefore, 'notBefore');
    this.notAfter = timeValue(certificate.tbs.notAfter, 'notAfter');
    this.spkiSha256 = sha256(certificate.tbs.spki);
    this.signatureAlgorithm = signatureAlgorithmOf(publicKey);
  }

  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the SubjectPublicKeyInfo: the name under which the log knows the issuer. */
  readonly spkiSha256: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;

  /** The issuer's own Name, as issued certificates repeat it. */
  get subject(): Buffer {
    return this.certificate.tbs.subject;
  }

  get der(): Buffer {
    return this.certificate.der;
  }

  /** Reads a CA certificate from DER; throws NotAnIssuer or MalformedDer. */
  static fromCertificate(der: Buffer): Issuer {
    const certificate = parseCertificate(der);
    const { extensions, spki } = certificate.tbs;
    const pathLength = pathLengthOf(certificate.tbs);
    const usage = extensionOf(extensions, Oid.keyUsage);
    const bits = usage && setBits(DerReader.only(usage.value, DerTag.bitString, 'the key usage'), 'the key usage');
    if (bits === undefined || !bits.includes(KeyUsage.keyCertSign) || !bits.includes(KeyUsage.crlSign)) {
      throw new NotAnIssuer('The certificate may not sign certificates and CRLs: its key usage does not say so.');
    }
    const identifier = extensionOf(extensions, Oid.subjectKeyIdentifier);
    if (identifier === undefined) throw new NotAnIssuer('The CA certificate has no subject key identifier.');
    return new Issuer(certificate, publicKeyOf(spki), subjectKeyIdentifierOf(identifier), pathLength);
  }

  /** Whether this issuer's key signed `certificate` and its name stands in it. */
  issued(certificate: ParsedCertificate): boolean {
    const algorithm = knownSignatureAlgorithm(certificate.signatureAlgorithm);
    return (
      algorithm !== undefined &&
      certificate.tbs.signatureAlgorithm.equals(certificate.signatureAlgorithm) &&
      certificate.tbs.issuer.equals(this.subject) &&
      verifySignature({
        algorithm,
        publicKey: this.publicKey,
        data: certificate.tbs.der,
        signature: certificate.signature,
      })
    );
  }
}

function pathLengthOf(tbs: ParsedTbs): number | undefined {
  const constraints = extensionOf(tbs.extensions, Oid.basicConstraints);
  if (constraints === undefined) throw new NotAnIssuer('The certificate is not a CA certificate.');
  const { ca, pathLength } = basicConstraintsOf(constraints.value);
  if (!ca) throw new NotAnIssuer('The certificate is not a CA certificate.');
  return pathLength;
}

/** The value of a BasicConstraints extension (RFC 5280 §4.2.1.9). */
export function basicConstraintsOf(value: Buffer): { readonly ca: boolean; readonly pathLength: number | undefined } {
  const fields = DerReader.only(value, DerTag.sequence, 'the basic constraints').enter();
  const flag = fields.optional(DerTag.boolean, 'cA');
  if (flag !== undefined && !flag.content.equals(Buffer.of(0xff))) {
    throw new MalformedDer('the basic constraints are not encoded as DER demands');
  }
  const length = fields.optional(DerTag.integer, 'pathLenConstraint');
  fields.end('the basic constraints');
  return {
    ca: flag !== undefined,
    pathLength: length && Number(unsignedValue(length, 'pathLenConstraint')),
  };
}
