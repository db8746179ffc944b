import { LogReader } from '@libs/contracts';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Issuance } from '../issuances/issuance.entity';

/** `unknown` while the log, which alone knows about revocation, cannot be asked. */
export type MyCertificateState = 'valid' | 'expired' | 'revoked' | 'unknown';

/** A certificate as its owner sees it. */
export interface MyCertificate {
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly commonName: string;
  /** Ids of the options that were chosen. */
  readonly options: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly state: MyCertificateState;
}

/** How many of the newest certificates are shown. */
const SHOWN = 20;
/** A page must not wait long for what is only a detail of it. */
const LOG_TIMEOUT_MS = 2_000;

/** What a person was issued, from our own records, with the state that the log knows. */
@Injectable()
export class MyCertificatesService {
  constructor(
    @InjectRepository(Issuance) private readonly issuances: Repository<Issuance>,
    private readonly log: LogReader,
    private readonly clock: Clock,
  ) {}

  /** The newest first. Answers although the log is down. */
  async list(userId: string): Promise<readonly MyCertificate[]> {
    const issued = await this.issuances.find({
      where: { userId, state: 'issued' },
      order: { createdAt: 'DESC' },
      take: SHOWN,
    });
    const recorded = issued.flatMap(({ fingerprint, serialNumber, expiresAt, ...issuance }) => {
      if (fingerprint === null || serialNumber === null || expiresAt === null) return [];
      return [{ ...issuance, fingerprint, serialNumber, expiresAt }];
    });
    const revoked = recorded.length === 0 ? new Set<string>() : await this.revokedOf(userId);
    const now = this.clock.now();
    return recorded.map(({ fingerprint, serialNumber, expiresAt, commonName, options, createdAt }) => ({
      ...{ fingerprint, serialNumber, commonName, options, expiresAt },
      issuedAt: createdAt,
      state: stateOf(fingerprint, expiresAt, revoked, now),
    }));
  }

  /** Fingerprints of the person's revoked certificates; undefined when the log does not answer. */
  private async revokedOf(userId: string): Promise<ReadonlySet<string> | undefined> {
    try {
      const query = { user_id: userId, kind: 'user', limit: 200 } as const;
      const { items } = await this.log.search(query, { timeoutMs: LOG_TIMEOUT_MS });
      return new Set(items.filter((item) => item.revocation !== null).map((item) => item.fingerprint));
    } catch {
      return undefined;
    }
  }
}

function stateOf(
  fingerprint: string,
  expiresAt: Date,
  revoked: ReadonlySet<string> | undefined,
  now: Date,
): MyCertificateState {
  if (revoked?.has(fingerprint) === true) return 'revoked';
  if (expiresAt <= now) return 'expired';
  return revoked === undefined ? 'unknown' : 'valid';
}
