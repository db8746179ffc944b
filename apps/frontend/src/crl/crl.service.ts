import { SigningClient } from '@libs/contracts';
import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import { FrontendConfig } from '../config/frontend.config';
import { CrlCopy } from './crl-copy';
import { derDocument, pemDocument } from './crl-document';
import type { CrlDocument } from './crl-document';

/** Whoever waits for a CRL is better served with the last good one soon than with the newest one late. */
const PATIENCE_MS = 3_000;

@Injectable()
export class CrlService {
  private readonly derCopy: CrlCopy;
  private readonly pemCopy: CrlCopy;

  constructor(signing: SigningClient, config: FrontendConfig) {
    const timeoutMs = Math.min(PATIENCE_MS, config.signing.timeoutMs);
    const directory = config.crlCacheDirectory;
    this.derCopy = new CrlCopy({
      fetch: (etag) => signing.crlUnlessSame('der', etag, { timeoutMs }),
      read: derDocument,
      file: join(directory, 'crl.der'),
    });
    this.pemCopy = new CrlCopy({
      fetch: (etag) => signing.crlUnlessSame('pem', etag, { timeoutMs }),
      read: pemDocument,
      file: join(directory, 'crl.pem'),
    });
  }

  /** The active issuer's CRL. */
  async der(): Promise<CrlDocument> {
    return this.derCopy.current();
  }

  /** The CRLs of every issuer in use and of the root, for OpenVPN's `crl-verify`. */
  async pem(): Promise<CrlDocument> {
    return this.pemCopy.current();
  }
}
