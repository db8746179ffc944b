import { LogReader, type RevocationFeed, type RevokedCertificate } from '@libs/contracts';
import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';

/** How far a server is behind the log. */
export interface ServerLag {
  /** Revocations that it has not applied; at least so many where `isExact` is not. */
  readonly revocations: number;
  readonly isExact: boolean;
  /** For how long the oldest of them has waited: 0 when there is none. */
  readonly seconds: number;
}

/** The most that is counted for one server. */
const COUNTED = 1_000;

/** Compares what servers have applied with what the log has revoked. */
@Injectable()
export class ServerLagService {
  constructor(
    private readonly log: LogReader,
    private readonly clock: Clock,
  ) {}

  /** The lag for each of the sequence numbers. Servers that stand together, as they do when all is well, cost one question. */
  async of(sequences: readonly number[]): Promise<ReadonlyMap<number, ServerLag>> {
    const lags = new Map<number, ServerLag>();
    let known: RevocationFeed | undefined;
    for (const sequence of [...new Set(sequences)].sort((one, other) => one - other)) {
      // What was asked for a server further back serves those ahead of it, if it goes to the end.
      if (known?.complete !== true) known = await this.log.revocations({ since: sequence, limit: COUNTED });
      const missing = known.items.filter(({ index }) => index >= sequence);
      lags.set(sequence, this.lag(missing, known.complete));
    }
    return lags;
  }

  private lag(missing: readonly RevokedCertificate[], isExact: boolean): ServerLag {
    const [oldest] = missing;
    if (oldest === undefined) return { revocations: 0, isExact, seconds: 0 };
    const waited = this.clock.now().getTime() - new Date(oldest.revoked_at).getTime();
    return { revocations: missing.length, isExact, seconds: Math.max(0, Math.round(waited / 1000)) };
  }
}
