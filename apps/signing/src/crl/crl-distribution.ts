import { DomainError } from '@libs/http';
import { sha256 } from '@libs/pki';
import { Injectable } from '@nestjs/common';
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
  readonly body: Buffer;
  /** Strong. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** The CRLs as they are served: from memory, whatever else is down. */
@Injectable()
export class CrlDistribution {
  private readonly made = new WeakMap<PublishedCrl, Representation>();
  private bundle: { readonly parts: readonly PublishedCrl[]; readonly representation: Representation } | undefined;

  constructor(
    private readonly publisher: CrlPublisher,
    private readonly root: RootCrl,
  ) {}

  /** DER of the active issuer's CRL. @throws CrlNotAvailable */
  der(): Representation {
    const crl = this.publisher.current;
    if (crl === undefined) throw new CrlNotAvailable();
    const known = this.made.get(crl);
    if (known !== undefined) return known;
    const made = representation('application/pkix-crl', crl.parsed.der, [crl]);
    this.made.set(crl, made);
    return made;
  }

  /** PEM of every issuer's CRL and the root's: a CRL that is missing there would let revoked clients in. @throws CrlNotAvailable */
  pem(): Representation {
    const parts = [this.publisher.current, this.root.current].filter((crl) => crl !== undefined);
    if (parts.length < 2) throw new CrlNotAvailable();
    if (this.bundle?.parts.every((part, position) => part === parts[position]) !== true) {
      const body = Buffer.from(parts.map(({ pem }) => pem).join(''));
      this.bundle = { parts, representation: representation('application/x-pem-file', body, parts) };
    }
    return this.bundle.representation;
  }
}

function representation(contentType: string, body: Buffer, parts: readonly PublishedCrl[]): Representation {
  const etag = `"${sha256(body).toString('hex')}"`;
  const lastModified = new Date(Math.max(...parts.map(({ thisUpdate }) => thisUpdate.getTime())));
  return { contentType, body, etag, lastModified };
}
