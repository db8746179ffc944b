import { LogReader } from '@libs/contracts';
import { UnitOfWork } from '@libs/database';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { In, IsNull } from 'typeorm';
import { Issuance } from '../issuances/issuance.entity';

/** A page must not wait long for what is only a detail of it. */
const LOG_TIMEOUT_MS = 2_000;
/** As many as the log gives at once; the newest come first. */
const LIMIT = 200;

/** Which certificates of a person have been revoked. What the log has told once is written down: it does not change again. */
@Injectable()
export class KnownRevocations {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly log: LogReader,
    private readonly clock: Clock,
  ) {}

  /** @returns fingerprints of revoked certificates of the person; undefined when the log does not answer */
  async among(
    userId: string,
    issuances: readonly Pick<Issuance, 'fingerprint' | 'revokedAt'>[],
  ): Promise<ReadonlySet<string> | undefined> {
    const revoked = await this.ask(userId);
    if (revoked === undefined) return undefined;
    const news = issuances.flatMap(({ fingerprint, revokedAt }) =>
      revokedAt === null && fingerprint !== null && revoked.has(fingerprint) ? [fingerprint] : [],
    );
    await this.remember(news);
    return revoked;
  }

  /** Notes that certificates have been revoked. */
  async remember(fingerprints: readonly string[]): Promise<void> {
    if (fingerprints.length === 0) return;
    const unmarked = { fingerprint: In(fingerprints), revokedAt: IsNull() };
    const mark = { revokedAt: this.clock.now() };
    await this.unitOfWork.single((manager) => manager.update(Issuance, unmarked, mark));
  }

  private async ask(userId: string): Promise<ReadonlySet<string> | undefined> {
    try {
      const query = { user_id: userId, kind: 'user', status: 'revoked', limit: LIMIT } as const;
      const { items } = await this.log.search(query, { timeoutMs: LOG_TIMEOUT_MS });
      return new Set(items.filter((item) => item.revocation !== null).map((item) => item.fingerprint));
    } catch {
      return undefined;
    }
  }
}
