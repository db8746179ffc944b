import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { SigningConfig } from '../config/signing.config';
import { KeyStore } from '../key-store/key-store';
import { hasExpired } from '../key-store/signing-issuer';
import { CrlBuilder } from './crl-builder';
import { CrlFiles } from './crl-files';
import { IssuerCrl } from './issuer-crl';
import type { PublishedCrl } from './published-crl';

/**
 * The CRLs of all issuers. One that issues no more goes on being published until its certificate expires: as long as that, what
 * it has issued is accepted, and what it has revoked must be refused.
 */
@Injectable()
export class CrlPublisher {
  private readonly active: IssuerCrl;
  private readonly all: readonly IssuerCrl[];

  constructor(
    config: SigningConfig,
    keyStore: KeyStore,
    builder: CrlBuilder,
    files: CrlFiles,
    private readonly clock: Clock,
  ) {
    const [active, ...others] = keyStore.issuers;
    const services = { config, builder, files, clock };
    this.active = new IssuerCrl(active, services);
    this.all = [this.active, ...others.map((issuer) => new IssuerCrl(issuer, services))];
  }

  /** The CRL of the active issuer; undefined until the first one has been made. */
  get current(): PublishedCrl | undefined {
    return this.active.current;
  }

  /** The active issuer's first. */
  get inUse(): readonly IssuerCrl[] {
    const now = this.clock.now();
    return this.all.filter((crl) => crl === this.active || !hasExpired(crl.by, now));
  }

  /** Takes up what stood on disk when the service last ran. */
  async load(): Promise<void> {
    for (const crl of this.all) await crl.load();
  }

  /**
   * New CRLs of every issuer in use, begun after this call; answers the active issuer's.
   * @throws UpstreamUnavailable, ReceiptNotVerified, LintFailed: the last good one of that issuer stays
   */
  async rebuild(): Promise<PublishedCrl> {
    const [active] = await Promise.all([this.active.rebuild(), ...this.others.map((crl) => crl.rebuild())]);
    return active;
  }

  /** {@link IssuerCrl.refresh} for each issuer in use: what goes wrong with one does not keep the others from theirs. */
  async refresh(): Promise<void> {
    const failures: unknown[] = [];
    for (const crl of this.inUse) {
      await crl.refresh().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /**
   * Whether a published CRL lists the revocation with this log index; waits for one, but not longer than `patienceMs`.
   * @param issuer SHA-256 of the SubjectPublicKeyInfo
   */
  async covers(issuer: Buffer, logIndex: number, patienceMs: number): Promise<boolean> {
    const crl = this.inUse.find(({ by }) => by.issuer.spkiSha256.equals(issuer));
    return (await crl?.covers(logIndex, patienceMs)) ?? false;
  }

  private get others(): readonly IssuerCrl[] {
    return this.inUse.filter((crl) => crl !== this.active);
  }
}
