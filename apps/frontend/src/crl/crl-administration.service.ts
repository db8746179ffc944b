import { type RebuiltCrlResponse, SigningClient } from '@libs/contracts';
import { Clock } from '@libs/http';
import { parseCrl, parsePem } from '@libs/pki';
import { Injectable } from '@nestjs/common';
import type { EventActor } from '../events/events.service';
import { RecordedCalls } from '../events/recorded-calls.service';
import { CrlService } from './crl.service';
import { type CrlStateResponse, crlStateResponse, type IssuerCrlState, issuerCrlState } from './crl-state';

const ACTIONS = { requested: 'crl.rebuild_requested', done: 'crl.rebuilt', failed: 'crl.rebuild_failed' } as const;

/** What auditors see of the CRLs, and how certificate administrators have them made anew. */
@Injectable()
export class CrlAdministration {
  private known: { readonly etag: string; readonly crls: readonly IssuerCrlState[] } | undefined;

  constructor(
    private readonly crl: CrlService,
    private readonly signing: SigningClient,
    private readonly recorded: RecordedCalls,
    private readonly clock: Clock,
  ) {}

  /** Of the very CRLs that are served, also while signing is down. */
  async state(): Promise<CrlStateResponse> {
    const { etag, body } = await this.crl.pem();
    if (this.known?.etag !== etag) {
      const crls = parsePem(body.toString('latin1')).map(({ der }) => issuerCrlState(parseCrl(der)));
      this.known = { etag, crls };
    }
    return crlStateResponse(this.known.crls, this.clock.now());
  }

  /** New ones of every issuer in use; answers the active issuer's. */
  async rebuild(actor: EventActor): Promise<RebuiltCrlResponse> {
    return this.recorded.make({
      actor,
      objectId: 'all',
      actions: ACTIONS,
      details: {},
      call: async () => this.signing.rebuildCrl(),
      outcome: ({ number }) => ({ number }),
    });
  }
}
