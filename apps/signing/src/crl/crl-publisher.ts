import { Clock } from '@libs/http';
import { crlSerialNumbers } from '@libs/pki';
import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { SigningConfig } from '../config/signing.config';
import { KeyStore, type SigningIssuer } from '../key-store/key-store';
import { CrlBuilder } from './crl-builder';
import { CrlFiles } from './crl-files';
import type { PublishedCrl } from './published-crl';
import { RevocationIndex } from './revocation-index';

const HOUR_MS = 3_600_000;
/** thisUpdate advances by at least a second from CRL to CRL. Nearer than this to the present, one CRL a second is made at most. */
const THIS_UPDATE_RESERVE_MS = 60_000;
const PACE_MS = 1_000;

/**
 * The CRL of the active issuer: the last good one is served until a better one stands on disk. Rebuilds never overlap; whoever
 * asks while one runs shares the next.
 */
@Injectable()
export class CrlPublisher {
  private readonly logger = new Logger('CrlPublisher');
  private readonly active: SigningIssuer;
  private readonly index: RevocationIndex;
  private published: PublishedCrl | undefined;
  private completeBelow = 0;
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<PublishedCrl> | undefined;

  constructor(
    private readonly config: SigningConfig,
    keyStore: KeyStore,
    private readonly builder: CrlBuilder,
    private readonly files: CrlFiles,
    private readonly clock: Clock,
  ) {
    this.active = keyStore.active;
    this.index = new RevocationIndex(this.active.issuer.spkiSha256.toString('hex'));
  }

  /** What is served; undefined until the first CRL has been made. */
  get current(): PublishedCrl | undefined {
    return this.published;
  }

  /** Takes up what stood on disk when the service last ran. */
  async load(): Promise<void> {
    const stored = await this.files.read(this.active.issuer);
    if (stored !== undefined) this.adopt(stored);
  }

  /** A new CRL, begun after this call. @throws UpstreamUnavailable, ReceiptNotVerified, LintFailed: the last good one stays */
  async rebuild(): Promise<PublishedCrl> {
    this.next ??= this.afterRunning();
    return this.next;
  }

  /** Looks for revocations by other replicas and for their CRLs, and rebuilds where something is new or the time has come. */
  async refresh(): Promise<void> {
    const replaced = await this.files.readChanged(this.active.issuer);
    if (replaced !== undefined && replaced.number > (this.published?.number ?? 0n)) this.adopt(replaced);
    await this.builder.pull(this.index);
    if (this.published !== undefined && this.completeBelow === 0) this.adopt(this.published);
    if (this.isDue()) await this.rebuild();
  }

  /** Whether a published CRL lists the revocation with this log index; waits for one, but not longer than `patienceMs`. */
  async covers(issuer: Buffer, logIndex: number, patienceMs: number): Promise<boolean> {
    if (!issuer.equals(this.active.issuer.spkiSha256)) return false;
    if (logIndex < this.completeBelow) return true;
    const published = this.rebuild().then(
      () => logIndex < this.completeBelow,
      (error: unknown) => {
        this.logger.error({ msg: 'CRL not published', err: error });
        return false;
      },
    );
    return Promise.race([published, delay(patienceMs, false, { ref: false })]);
  }

  private isDue(): boolean {
    if (this.published === undefined || this.index.newestIndex >= this.completeBelow) return true;
    const age = this.clock.now().getTime() - this.published.thisUpdate.getTime();
    return age >= this.config.crl.publishEveryHours * HOUR_MS;
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

  private async pace(): Promise<void> {
    const reserve = this.clock.now().getTime() - (this.published?.thisUpdate.getTime() ?? 0);
    if (reserve < THIS_UPDATE_RESERVE_MS) await delay(PACE_MS);
  }

  private async publish(): Promise<PublishedCrl> {
    const started = performance.now();
    const { crl, completeBelow } = await this.builder.build(this.active, this.index, this.published);
    const stored = await this.files.replace(this.active.issuer, crl);
    this.adopt(stored, stored === crl ? completeBelow : undefined);
    const duration = Math.round(performance.now() - started);
    this.logger.log({ msg: 'CRL published', number: Number(stored.number), duration_ms: duration });
    return stored;
  }

  private adopt(crl: PublishedCrl, completeBelow?: number): void {
    this.published = crl;
    this.completeBelow = completeBelow ?? (this.listsAllOf(crl) ? this.index.completeBelow : 0);
  }

  private listsAllOf(crl: PublishedCrl): boolean {
    const listed = new Set(crlSerialNumbers(crl.parsed));
    return this.index.unexpiredAt(crl.thisUpdate).every(({ serialNumber }) => listed.has(serialNumber));
  }
}
