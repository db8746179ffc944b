import type { Clock } from '@libs/http';
import { Turns, isComplete, listedPositions } from '@libs/pki';
import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { SigningConfig } from '../config/signing.config';
import type { SigningIssuer } from '../key-store/key-store';
import type { CrlBuilder } from './crl-builder';
import type { CrlFiles } from './crl-files';
import type { PublishedCrl } from './published-crl';
import { RevocationIndex } from './revocation-index';

const HOUR_MS = 3_600_000;
/**
 * thisUpdate advances by at least a second from CRL to CRL, whoever makes it, and may not come nearer to the present than servers'
 * clocks are wrong. What is left below this is made up for by making CRLs less often: the less is left, the slower, so
 * that several replicas together make one a second.
 */
const THIS_UPDATE_RESERVE_MS = 60_000;
const RESERVE_PER_REPLICA_MS = 5_000;
const PACE_MS = 1_000;
/** However long a CRL takes to make, the next one is not held back by more. */
const LONGEST_REST_MS = 1_000;

export interface CrlServices {
  readonly config: SigningConfig;
  readonly builder: CrlBuilder;
  readonly files: CrlFiles;
  readonly clock: Clock;
}

/**
 * The CRL of one issuer: the last good one is served until a better one stands on disk. Rebuilds never overlap; whoever
 * asks while one runs shares the next.
 */
export class IssuerCrl {
  private readonly logger = new Logger('IssuerCrl');
  private readonly index: RevocationIndex;
  private published: PublishedCrl | undefined;
  private completeBelow = 0;
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<PublishedCrl> | undefined;
  private restUntil = 0;

  constructor(
    readonly by: SigningIssuer,
    private readonly services: CrlServices,
  ) {
    this.index = new RevocationIndex(by.issuer.spkiSha256.toString('hex'));
  }

  /** What is served; undefined until the first CRL has been made. */
  get current(): PublishedCrl | undefined {
    return this.published;
  }

  /** How many of the issuer's certificates have been revoked, as far as is known. */
  get revokedCount(): number {
    return this.index.revoked.size;
  }

  /** Takes up what stood on disk when the service last ran. */
  async load(): Promise<void> {
    const stored = await this.services.files.read(this.by.issuer);
    if (stored !== undefined) await this.adopt(stored);
  }

  /** A new CRL, begun after this call. @throws UpstreamUnavailable, ReceiptNotVerified, LintFailed: the last good one stays */
  async rebuild(): Promise<PublishedCrl> {
    this.next ??= this.afterRunning();
    return this.next;
  }

  /** Looks for revocations by other replicas and for their CRLs, and rebuilds where something is new or the time has come. */
  async refresh(): Promise<void> {
    const replaced = await this.services.files.readChanged(this.by.issuer);
    if (replaced !== undefined && replaced.number > (this.published?.number ?? 0n)) await this.adopt(replaced);
    await this.services.builder.pull(this.index);
    if (this.published !== undefined && this.completeBelow === 0) await this.adopt(this.published);
    if (this.isDue()) await this.rebuild();
  }

  /** Whether a published CRL lists the revocation with this log index; waits for one, but not longer than `patienceMs`. */
  async covers(logIndex: number, patienceMs: number): Promise<boolean> {
    if (logIndex < this.completeBelow) return true;
    const published = this.rebuild().then(
      () => logIndex < this.completeBelow,
      (error: unknown) => {
        this.logger.error({ msg: 'CRL not published', issuer: this.by.name, err: error });
        return false;
      },
    );
    return Promise.race([published, delay(patienceMs, false, { ref: false })]);
  }

  private isDue(): boolean {
    if (this.published === undefined || this.index.newestIndex >= this.completeBelow) return true;
    const age = this.services.clock.now().getTime() - this.published.thisUpdate.getTime();
    return age >= this.services.config.crl.publishEveryHours * HOUR_MS;
  }

  private afterRunning(): Promise<PublishedCrl> {
    const result = this.running.then(async () => {
      await this.pace();
      this.next = undefined;
      return this.publish();
    });
    this.running = result.catch(() => undefined);
    return result;
  }

  /** As long as making the last one took, everything else has the processor; and thisUpdate stays behind the present. */
  private async pace(): Promise<void> {
    const wait = Math.max(this.reserveWait(), this.restUntil - performance.now());
    if (wait > 0) await delay(wait);
  }

  private reserveWait(): number {
    const reserve = this.services.clock.now().getTime() - (this.published?.thisUpdate.getTime() ?? 0);
    // A CRL from the future is not the work of many rebuilds but of a clock that jumped: waiting mends nothing.
    if (reserve < 0 || reserve >= THIS_UPDATE_RESERVE_MS) return 0;
    return PACE_MS * (1 + Math.floor((THIS_UPDATE_RESERVE_MS - reserve) / RESERVE_PER_REPLICA_MS));
  }

  private async publish(): Promise<PublishedCrl> {
    const started = performance.now();
    const { builder, files } = this.services;
    const { crl, completeBelow } = await builder.build(this.by, this.index, this.published);
    const stored = await files.replace(this.by.issuer, crl);
    await this.adopt(stored, stored === crl ? completeBelow : undefined);
    const ended = performance.now();
    this.restUntil = ended + Math.min(ended - started, LONGEST_REST_MS);
    this.logger.log({
      msg: 'CRL published',
      issuer: this.by.name,
      number: Number(stored.number),
      revoked: this.revokedCount,
      duration_ms: Math.round(ended - started),
    });
    return stored;
  }

  private async adopt(crl: PublishedCrl, completeBelow?: number): Promise<void> {
    const complete = completeBelow ?? (await this.listedBelow(crl));
    this.published = crl;
    this.completeBelow = complete;
  }

  /** Below which log index a CRL that somebody else made lists everything; 0 where it does not. */
  private async listedBelow(crl: PublishedCrl): Promise<number> {
    const { completeBelow, revoked } = this.index;
    const turns = new Turns();
    const listed = await listedPositions(crl.parsed.revoked, revoked, turns);
    return (await isComplete(listed, revoked, crl.thisUpdate, turns)) ? completeBelow : 0;
  }
}
