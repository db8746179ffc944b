import { DomainError } from '@libs/http';
import { type CrlBundlePart, assertCrlBundleLinted, crlPemLabel, pemChunks, pemLength, sha256 } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { KeyStore } from '../key-store/key-store';
import { CrlPublisher } from './crl-publisher';
import type { PublishedCrl } from './published-crl';
import { RootCrl } from './root-crl';

/** No CRL has been made yet: 503. */
export class CrlNotAvailable extends DomainError {
  constructor() {
    super({ code: 'crl_not_available', status: 503, title: 'There is no CRL yet', retryAfterSeconds: 5 });
  }
}

/** A document with its validators for conditional requests. */
export interface Representation {
  readonly contentType: string;
  readonly length: number;
  /** The body from its start, piece by piece. */
  readonly chunks: () => Iterable<Buffer>;
  /** Strong. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** The CRLs as they are served: from memory, whatever else is down. */
@Injectable()
export class CrlDistribution {
  private bundle: { readonly parts: readonly PublishedCrl[]; readonly representation: Representation } | undefined;

  constructor(
    private readonly publisher: CrlPublisher,
    private readonly root: RootCrl,
    private readonly keyStore: KeyStore,
  ) {}

  /** DER of the active issuer's CRL. @throws CrlNotAvailable */
  der(): Representation {
    const crl = this.publisher.current;
    if (crl === undefined) throw new CrlNotAvailable();
    const { der } = crl.parsed;
    return { contentType: 'application/pkix-crl', length: der.length, chunks: () => [der], ...validators([crl]) };
  }

  /**
   * PEM of the CRL of every issuer in use and of the root's.
   * @throws CrlNotAvailable where one is missing: revoked clients of that issuer would be let in
   * @throws LintFailed
   */
  pem(): Representation {
    const { inUse } = this.publisher;
    const crls = [...inUse.map(({ current }) => current), this.root.current];
    const parts = crls.filter((crl) => crl !== undefined);
    if (parts.length < crls.length) throw new CrlNotAvailable();
    if (this.bundle !== undefined && isSame(this.bundle.parts, parts)) return this.bundle.representation;
    const blocks = parts.map(({ parsed }) => ({ label: crlPemLabel, crl: parsed }));
    assertCrlBundleLinted(blocks, [...inUse.map(({ by }) => by.issuer), this.keyStore.root]);
    const representation = pemRepresentation(blocks, parts);
    this.bundle = { parts, representation };
    return representation;
  }
}

function isSame(left: readonly PublishedCrl[], right: readonly PublishedCrl[]): boolean {
  return left.length === right.length && right.every((crl, at) => crl === left[at]);
}

function pemRepresentation(blocks: readonly CrlBundlePart[], parts: readonly PublishedCrl[]): Representation {
  return {
    contentType: 'application/x-pem-file',
    length: blocks.reduce((length, block) => length + pemLength(block), 0),
    chunks: function* () {
      for (const block of blocks) yield* pemChunks(block);
    },
    ...validators(parts),
  };
}

/** The body follows from the CRLs, so their hashes tell it from any other without another look at its millions of bytes. */
function validators(crls: readonly PublishedCrl[]): Pick<Representation, 'etag' | 'lastModified'> {
  const [only] = crls;
  const hash = crls.length === 1 && only ? only.sha256 : sha256(...crls.map((crl) => crl.sha256));
  const lastModified = new Date(Math.max(...crls.map(({ thisUpdate }) => thisUpdate.getTime())));
  return { etag: `"${hash.toString('hex')}"`, lastModified };
}
