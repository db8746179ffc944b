import type { Principal } from '@libs/auth';
import type { RevocationReason, RevokedCertificatesResponse } from '@libs/contracts';
import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../issuances/request-context';
import { BulkRevocations } from '../revocations/bulk-revocations.service';
import { PskAdministration } from './psk-administration.service';
import type { Psk } from './psk.entity';

/** How the certificates end that a PSK fetched. */
export interface IssuedRevocation {
  readonly reason: RevocationReason;
  readonly comment?: string | undefined;
}

export interface RevokedPsk {
  readonly psk: Psk;
  /** Undefined when the certificates were to stay. */
  readonly certificates: RevokedCertificatesResponse | undefined;
}

/** The end of a PSK, with or without the certificates that it fetched. */
@Injectable()
export class PskRevocations {
  constructor(
    private readonly administration: PskAdministration,
    private readonly certificates: BulkRevocations,
  ) {}

  /**
   * The PSK ends first: what it has under way is not handed out any more, so that nothing slips past the certificates'
   * revocation. Should that fail, asking again goes on with it.
   *
   * @throws PskNotFound, UpstreamUnavailable
   */
  async revoke(
    id: string,
    issued: IssuedRevocation | undefined,
    administrator: Principal,
    request: RequestContext,
  ): Promise<RevokedPsk> {
    const psk = await this.administration.revoke(id, administrator);
    if (issued === undefined) return { psk, certificates: undefined };
    const { reason, comment } = issued;
    const criterion = { by: 'psk', value: psk.publicId } as const;
    const order = { reason, comment, overrideFuse: true };
    return { psk, certificates: await this.certificates.revoke(criterion, order, administrator, request) };
  }
}
