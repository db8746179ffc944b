import { Injectable } from '@nestjs/common';
import {
  type PageRevocation,
  REVOCATION_REASON_CODES,
  type RevocationPageRequest,
  type RevokedCertificate,
} from '@libs/contracts';
import { Clock } from '@libs/http';
import { EMPTY_ROOT, readCheckpointUnverified } from '@libs/tlog';
import { CheckpointSigner } from '../log-key';
import { Proofs } from '../proofs/proofs.service';
import { DEFAULT_LIMIT, Revocations } from './revocations';

/** The revocation feed as the log signs it, for servers that trust nobody in between. */
@Injectable()
export class RevocationPages {
  constructor(
    private readonly revocations: Revocations,
    private readonly proofs: Proofs,
    private readonly signer: CheckpointSigner,
    private readonly clock: Clock,
  ) {}

  /**
   * A signed page. With `extends` it proves that the log begins with the one of that size; where the log is smaller, there is
   * no such proof, and the page says how small it is.
   */
  async page({ since, extends: known = 0, limit = DEFAULT_LIMIT }: RevocationPageRequest): Promise<string> {
    const { size, note } = await this.proofs.checkpoint();
    const root = size === 0 ? Buffer.from(EMPTY_ROOT) : readCheckpointUnverified(note).root;
    const [feed, proof] = await Promise.all([
      this.revocations.within({ since, size, limit }),
      known > 0 && known < size ? this.proofs.consistency(known, size) : undefined,
    ]);
    return this.signer.revocationPage({
      issuedAt: this.clock.now(),
      since,
      next: feed.next_since,
      complete: feed.complete,
      size,
      root,
      extends: known,
      proof: proof?.hashes ?? [],
      revocations: feed.items.map(pageRevocation),
    });
  }
}

function pageRevocation(revoked: RevokedCertificate): PageRevocation {
  const { index, issuer, serial_number: serialNumber, reason, revoked_at, not_after } = revoked;
  return {
    index,
    issuer,
    serialNumber,
    reason: REVOCATION_REASON_CODES[reason],
    revokedAt: new Date(revoked_at),
    notAfter: new Date(not_after),
  };
}
