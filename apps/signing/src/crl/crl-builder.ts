import { type AppendedEntry, CertificateLog, type LogEntry, UpstreamRefused } from '@libs/contracts';
import { Clock } from '@libs/http';
import { type RevokedList, assertCrlLinted, buildCrl, parseCrl } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import { SigningConfig } from '../config/signing.config';
import { failPoints } from '../fail-points';
import type { SigningIssuer } from '../key-store/key-store';
import { uselessRefusal } from '../log/entry-refused';
import { ReceiptVerifier } from '../log/receipt-verifier';
import { type PublishedCrl, describedCrl, sha256InTurns } from './published-crl';
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
   * @throws UpstreamUnavailable, EntryRefused, ReceiptNotVerified; LintFailed when it would break a rule of the safety list
   */
  async build(by: SigningIssuer, index: RevocationIndex, previous: PublishedCrl | undefined): Promise<BuiltCrl> {
    const allocated = await this.log.allocateCrlNumber(by.issuer.spkiSha256.toString('hex'));
    failPoints.reach('crl-number-allocated');
    await index.pull(this.log);
    const { completeBelow, revoked } = index;
    const thisUpdate = new Date(allocated.this_update);
    // Each certificate stands on one CRL beyond its validity (RFC 5280 §3.3).
    const listedFrom = previous?.thisUpdate ?? thisUpdate;
    const number = BigInt(allocated.number);
    const content = { number, thisUpdate, nextUpdate: this.nextUpdate(), revoked, listedFrom };
    const der = await buildCrl(by.issuer, content, (data) => by.key.sign(data));
    failPoints.reach('crl-signed');
    await this.lint(der, by, { revoked, listedFrom, previous });
    failPoints.reach('crl-linted');
    const crl = describedCrl(parseCrl(der), await sha256InTurns(der));
    await this.record(by, allocated.number, crl);
    failPoints.reach('crl-verified');
    return { crl, completeBelow };
  }

  /** Brings an index up to the log's present state. @throws UpstreamUnavailable */
  async pull(index: RevocationIndex): Promise<void> {
    await index.pull(this.log);
  }

  private async lint(
    der: Buffer,
    { issuer }: SigningIssuer,
    against: {
      readonly revoked: RevokedList;
      readonly listedFrom: Date;
      readonly previous: PublishedCrl | undefined;
    },
  ): Promise<void> {
    await assertCrlLinted(der, {
      issuer,
      now: this.clock.now(),
      publishEveryMs: this.config.crl.publishEveryHours * HOUR_MS,
      revoked: against.revoked,
      listedFrom: against.listedFrom,
      previous: against.previous?.parsed,
    });
  }

  private nextUpdate(): Date {
    const end = this.clock.now().getTime() + this.config.crl.lifetimeHours * HOUR_MS;
    return new Date(Math.floor(end / 1000) * 1000);
  }

  private async record({ issuer }: SigningIssuer, crlNumber: number, { sha256 }: PublishedCrl): Promise<void> {
    const appended = await this.append({
      type: 'crl',
      issuer: issuer.spkiSha256.toString('hex'),
      crl_number: crlNumber,
      crl_sha256: sha256.toString('hex'),
    });
    failPoints.reach('crl-logged');
    this.receipts.crl(appended, { issuer: issuer.spkiSha256, crlNumber, crlSha256: sha256 });
  }

  private async append(entry: LogEntry): Promise<AppendedEntry> {
    try {
      return await this.log.append(entry);
    } catch (error) {
      throw error instanceof UpstreamRefused ? uselessRefusal(error, entry.type) : error;
    }
  }
}
