import { SHA256_HEX } from '@libs/contracts';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { DataSource, In, MoreThan } from 'typeorm';
import { CertificateNotFound } from '../certificates/certificate-not-found';
import { type CursorPage, pageOf, type PageRequest } from '../credentials/page';
import { DownloadToken } from '../download-tokens/download-token.entity';
import { Issuance } from '../issuances/issuance.entity';
import { Renewal } from '../issuances/renewal.entity';
import { KnownRevocations } from './known-revocations.service';
import type { LinkReuse, MyCertificate, MyCertificateState, MyRenewal } from './my-certificate';

/** An issuance that made a certificate which was handed out. */
export type OwnIssuance = Issuance & {
  readonly userId: string;
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly expiresAt: Date;
};

/** How many of the newest certificates a page shows. */
const SHOWN = 20;

/** What a person was issued, from our own records, with the state that the log knows. */
@Injectable()
export class MyCertificatesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly revocations: KnownRevocations,
    private readonly clock: Clock,
  ) {}

  /** The newest first. Answers although the log is down. */
  async newest(userId: string): Promise<readonly MyCertificate[]> {
    return (await this.list(userId, { limit: SHOWN })).items;
  }

  /** @throws InvalidRequest when the cursor is not one of ours */
  async list(userId: string, page: PageRequest): Promise<CursorPage<MyCertificate>> {
    const query = this.issuances.createQueryBuilder('issuance').where({ userId, kind: 'user', state: 'issued' });
    const { items, nextCursor } = await pageOf(query, 'issuance', page);
    return { items: await this.describe(userId, items.filter(isOwn)), nextCursor };
  }

  /** @throws CertificateNotFound also for one of somebody else */
  async read(userId: string, fingerprint: string): Promise<MyCertificate> {
    const [certificate] = await this.describe(userId, [await this.find(userId, fingerprint)]);
    if (certificate === undefined) throw new CertificateNotFound();
    return certificate;
  }

  /** @throws CertificateNotFound also for one of somebody else */
  async find(userId: string, fingerprint: string): Promise<OwnIssuance> {
    const own = { userId, kind: 'user' as const, state: 'issued' as const, fingerprint };
    const issuance = SHA256_HEX.test(fingerprint) ? await this.issuances.findOneBy(own) : null;
    if (issuance === null || !isOwn(issuance)) throw new CertificateNotFound();
    return issuance;
  }

  private get issuances() {
    return this.dataSource.getRepository(Issuance);
  }

  private async describe(userId: string, issuances: readonly OwnIssuance[]): Promise<readonly MyCertificate[]> {
    if (issuances.length === 0) return [];
    const ids = issuances.map(({ id }) => id);
    const [revoked, renewals, reuses] = await Promise.all([
      this.revocations.among(userId, issuances),
      this.renewalsOf(ids),
      this.reusesOf(ids),
    ]);
    const now = this.clock.now();
    return issuances.map((issuance) => ({
      fingerprint: issuance.fingerprint,
      serialNumber: issuance.serialNumber,
      commonName: issuance.commonName,
      deviceName: issuance.deviceName,
      options: issuance.options,
      issuedAt: issuance.createdAt,
      expiresAt: issuance.expiresAt,
      state: stateOf(issuance, revoked, now),
      renewal: renewals.get(issuance.id) ?? null,
      linkReuse: reuses.get(issuance.id) ?? null,
    }));
  }

  private async renewalsOf(ids: readonly string[]): Promise<ReadonlyMap<string, MyRenewal>> {
    const renewals = await this.dataSource.getRepository(Renewal).findBy({ issuanceId: In(ids) });
    const newer = renewals.map(({ renewedBy }) => renewedBy);
    const made = await this.issuances.find({ select: { id: true, fingerprint: true }, where: { id: In(newer) } });
    const fingerprints = new Map(made.map(({ id, fingerprint }) => [id, fingerprint]));
    return new Map(
      renewals.flatMap(({ issuanceId, renewedBy, dueAt }) => {
        const fingerprint = fingerprints.get(renewedBy) ?? null;
        if (dueAt === null || fingerprint === null) return [];
        return [[issuanceId, { renewedBy: fingerprint, revocationDueAt: dueAt }] as const];
      }),
    );
  }

  private async reusesOf(ids: readonly string[]): Promise<ReadonlyMap<string, LinkReuse>> {
    const reused = { issuanceId: In(ids), reuseCount: MoreThan(0) };
    const tokens = await this.dataSource.getRepository(DownloadToken).findBy(reused);
    return new Map(
      tokens.flatMap(({ issuanceId, reuseCount: count, lastReusedAt: lastAt, lastReusedFrom: clientAddress }) => {
        if (issuanceId === null || lastAt === null) return [];
        return [[issuanceId, { count, lastAt, clientAddress }] as const];
      }),
    );
  }
}

function isOwn(issuance: Issuance): issuance is OwnIssuance {
  const { userId, fingerprint, serialNumber, expiresAt } = issuance;
  return userId !== null && fingerprint !== null && serialNumber !== null && expiresAt !== null;
}

function stateOf(
  { fingerprint, expiresAt, revokedAt }: OwnIssuance,
  revoked: ReadonlySet<string> | undefined,
  now: Date,
): MyCertificateState {
  if (revokedAt !== null || revoked?.has(fingerprint) === true) return 'revoked';
  if (expiresAt <= now) return 'expired';
  return revoked === undefined ? 'unknown' : 'valid';
}
