import type { KeyObject } from 'node:crypto';
import { DerTag } from './der';
import { DerReader, MalformedDer, unsignedValue, wholeBytes } from './der-reader';
import { MalformedPem, onlyPemBlock } from './pem';
import { PublicKeyRejected, checkPublicKey } from './public-key-policy';
import {
  type SignatureClaim,
  knownSignatureAlgorithm,
  publicKeyOf,
  verifyOffThread,
  verifySignature,
} from './signature-algorithm';

export type CsrRejection = 'malformed' | 'key_not_accepted' | 'signature_not_accepted' | 'signature_invalid';

/** A certificate signing request breaks the policy. `message` is a sentence for whoever made the request. */
export class CsrRejected extends Error {
  override readonly name = 'CsrRejected';

  constructor(
    readonly reason: CsrRejection,
    message: string,
  ) {
    super(message);
  }
}

/** All that a request contributes to a certificate. */
export interface AcceptedCsr {
  readonly publicKey: KeyObject;
  readonly spki: Buffer;
}

/** A request with an RSA-8192 key and a few names stays far below. */
const maximumCsrLength = 16_384;

/**
 * Checks a PKCS#10 request (RFC 2986): well-formed DER, a key that the policy accepts, and proof that the sender holds the
 * private key. Subject, extensions and attributes of the request are ignored: names come from the caller, the rest from
 * the certificate profile.
 */
export function acceptCsr(pem: string): AcceptedCsr {
  const { claim, ...csr } = readCsr(pem);
  assertPossession(verifySignature(claim));
  return csr;
}

/** As {@link acceptCsr}, with the signature verified off the event loop: the longest part of it. */
export async function acceptCsrOffThread(pem: string): Promise<AcceptedCsr> {
  const { claim, ...csr } = readCsr(pem);
  assertPossession(await verifyOffThread(claim));
  return csr;
}

function readCsr(pem: string): AcceptedCsr & { readonly claim: SignatureClaim } {
  const { info, spki, algorithm: identifier, signature } = parseCsr(csrDer(pem));
  const publicKey = acceptedKey(spki);
  const algorithm = knownSignatureAlgorithm(identifier);
  if (algorithm === undefined) {
    throw new CsrRejected(
      'signature_not_accepted',
      'The request is not signed with ECDSA, Ed25519 or RSA (PKCS #1 v1.5) and SHA-256, SHA-384 or SHA-512.',
    );
  }
  return { publicKey, spki, claim: { algorithm, publicKey, data: info, signature } };
}

function assertPossession(isProven: boolean): void {
  if (isProven) return;
  throw new CsrRejected('signature_invalid', 'The signature of the request does not match its public key.');
}

function csrDer(pem: string): Buffer {
  if (pem.length > maximumCsrLength) throw new CsrRejected('malformed', 'The request is longer than 16 kB.');
  try {
    return onlyPemBlock(pem, 'CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST');
  } catch (error) {
    if (!(error instanceof MalformedPem)) throw error;
    throw new CsrRejected('malformed', `The request is not a PEM certificate request: ${error.message}.`);
  }
}

interface CsrParts {
  readonly info: Buffer;
  readonly spki: Buffer;
  readonly algorithm: Buffer;
  readonly signature: Buffer;
}

function parseCsr(der: Buffer): CsrParts {
  try {
    const request = DerReader.only(der, DerTag.sequence, 'the request').enter();
    const info = request.next(DerTag.sequence, 'the request information');
    const algorithm = request.next(DerTag.sequence, 'the signature algorithm');
    const signature = wholeBytes(request.next(DerTag.bitString, 'the signature'), 'the signature');
    request.end('the request');
    const fields = info.enter();
    if (unsignedValue(fields.next(DerTag.integer, 'the version'), 'the version') !== 0n) {
      throw new MalformedDer('the version is not 1');
    }
    fields.next(DerTag.sequence, 'the subject');
    const spki = fields.next(DerTag.sequence, 'the public key');
    fields.optional(0xa0, 'the attributes');
    fields.end('the request information');
    return { info: info.whole, spki: spki.whole, algorithm: algorithm.whole, signature };
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    throw new CsrRejected('malformed', `The request is not a PKCS #10 request: ${error.message}.`);
  }
}

function acceptedKey(spki: Buffer): KeyObject {
  try {
    checkPublicKey(spki);
    return publicKeyOf(spki);
  } catch (error) {
    if (error instanceof PublicKeyRejected) throw new CsrRejected('key_not_accepted', error.message);
    if (error instanceof MalformedDer)
      throw new CsrRejected('malformed', `The request is not valid: ${error.message}.`);
    throw error;
  }
}
