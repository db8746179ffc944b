import { CertificateLog } from '@libs/contracts';
import { Clock } from '@libs/http';
import { assertCrlLinted, buildCrlTbs, sha256, signTbs, type CrlContent } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SigningConfig } from '../config/signing.config';
import type { SigningIssuer } from '../key-store/key-store';
import { ReceiptVerifier } from '../log/receipt-verifier';
import { type PublishedCrl, publishedCrl } from './published-crl';
import type { RevocationIndex } from './revocation-index';

const HOUR_MS = 3_600_000;

export interface BuiltCrl {
  readonly crl: PublishedCrl;
  /** The CRL lists every revocation whose log index is below this one. */
  readonly completeBelow: number;
}

/**
 * Makes CRLs. The number is allocated before the revocations are read: of two replicas that build at once, the one with the
 * larger number has read at least all that was revoked before that number existed.
 */
@Injectable()
export class CrlBuilder {
  constructor(
    private readonly config: SigningConfig,
    private readonly log: CertificateLog,
    private readonly receipts: ReceiptVerifier,
    private readonly clock: Clock,
  ) {}

  /**
   * A new CRL: linted, read back, verified and recorded in the log, so fit to be published.
   * @throws UpstreamUnavailable, ReceiptNotVerified; LintFailed when it would break a rule of the safety list
   */
  async build(by: SigningIssuer, index: RevocationIndex, previous: PublishedCrl | undefined): Promise<BuiltCrl> {
    const issuer = by.issuer.spkiSha256.toString('hex');
    const allocated = await this.log.allocateCrlNumber(issuer);
    await index.pull(this.log);
    const completeBelow = index.completeBelow;
    const thisUpdate = new Date(allocated.this_update);
    const moment = previous?.thisUpdate ?? thisUpdate;
    const revoked = index.unexpiredAt(moment);
    const der = await this.sign(by, {
      number: BigInt(allocated.number),
      thisUpdate,
      nextUpdate: this.nextUpdate(),
      revoked,
    });
    await nextTurn();
    assertCrlLinted(der, {
      issuer: by.issuer,
      previous: previous?.parsed,
      now: this.clock.now(),
      expectedSerialNumbers: new Set(revoked.map(({ serialNumber }) => serialNumber)),
      hasExpired: (serialNumber) => index.hasExpired(serialNumber, moment),
    });
    await nextTurn();
    await this.record(issuer, allocated.number, der);
    return { crl: publishedCrl(der, by.issuer), completeBelow };
  }

  /** Brings an index up to the log's present state. @throws UpstreamUnavailable */
  async pull(index: RevocationIndex): Promise<void> {
    await index.pull(this.log);
  }

  private sign({ issuer, key }: SigningIssuer, content: CrlContent): Promise<Buffer> {
    return signTbs(buildCrlTbs(issuer, content), issuer.signatureAlgorithm, (data) => key.sign(data));
  }

  private nextUpdate(): Date {
    const end = this.clock.now().getTime() + this.config.crl.lifetimeHours * HOUR_MS;
    return new Date(Math.floor(end / 1000) * 1000);
  }

  private async record(issuer: string, crlNumber: number, der: Buffer): Promise<void> {
    const crlSha256 = sha256(der);
    const entry = { type: 'crl', issuer, crl_number: crlNumber, crl_sha256: crlSha256.toString('hex') } as const;
    const appended = await this.log.append(entry);
    this.receipts.crl(appended, { issuer: Buffer.from(issuer, 'hex'), crlNumber, crlSha256 });
  }
}
