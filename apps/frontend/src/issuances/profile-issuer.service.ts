import type { Principal } from '@libs/auth';
import type { ClientDirectives, TemplateOption } from '@libs/openvpn';
import { Injectable } from '@nestjs/common';
import { hashSecret, randomSessionToken } from '../credentials/secret';
import type { SpendableCredential } from '../credentials/spendable-credential';
import type { Psk } from '../psks/psk.entity';
import { PsksService } from '../psks/psks.service';
import { CertificateIssuer } from './certificate-issuer.service';
import { type CertificateOrder, NO_CREDENTIAL, together } from './certificate-order';
import type { Issuance } from './issuance.entity';
import { ProfileAllowance } from './profile-allowance.service';
import { ProfileComposer, type ProfileOwner } from './profile-composer';
import { Renewals } from './renewals.service';
import { commonNameOf, pskContext, userContext } from './requester';
import type { RequestContext } from './request-context';

/** A finished `.ovpn`, which exists nowhere else: hand it out with `Cache-Control: no-store`. */
export interface IssuedProfile {
  /** Safe in a Content-Disposition header. */
  readonly fileName: string;
  readonly content: string;
  /** For the header `VPN-Session-Token`: hex, and no part of the link that led to the profile. */
  readonly sessionToken: string;
  readonly fingerprint: string;
  /** End of the certificate's validity, ISO 8601. */
  readonly notAfter: string;
}

/** What a person chooses of a profile. */
export interface ProfileWish extends OwnKeyWish {
  /** Ids of options. */
  readonly options: readonly string[];
  /** What they call the device. */
  readonly deviceName?: string | undefined;
}

/** What whoever asks for a certificate may bring along. */
export interface OwnKeyWish {
  /** PKCS#10 in PEM: the profile then comes without key. */
  readonly csr?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Client profiles, for people and for computers. */
@Injectable()
export class ProfileIssuer {
  constructor(
    private readonly issuer: CertificateIssuer,
    private readonly composer: ProfileComposer,
    private readonly psks: PsksService,
    private readonly allowance: ProfileAllowance,
    private readonly renewals: Renewals,
  ) {}

  /** The options that the person may choose from, in the order in which to show them; none without a profile to add them to. */
  optionsFor(user: Pick<Principal, 'groups'>): readonly TemplateOption[] {
    return this.composer.optionsFor(user);
  }

  /**
   * Renders the profile's directives and nothing else: what would fail later fails here and costs nothing.
   *
   * @throws TemplateChoiceUnknown for an option that does not exist, NoProfileTemplate when no template applies
   */
  checkChoice(user: ProfileOwner, options: readonly string[]): void {
    this.composer.forUser(user, options);
  }

  /**
   * Makes a profile for a person.
   *
   * @param paidWith what the person pays with; nothing, when they ask in person
   * @throws TemplateChoiceUnknown, NoProfileTemplate, ProfileLimitReached, DeviceLimitReached, and what CertificateIssuer
   *   throws
   */
  async issueForUser(
    user: ProfileOwner,
    wish: ProfileWish,
    request: RequestContext,
    paidWith: SpendableCredential = NO_CREDENTIAL,
  ): Promise<IssuedProfile> {
    const directives = this.composer.forUser(user, wish.options);
    const allowed = await this.allowance.of(user.userId, wish.deviceName);
    return this.issue(directives, {
      ...orderOf(user, wish, request),
      template: directives.template,
      credential: together(paidWith, allowed),
    });
  }

  /**
   * Makes a profile that takes the place of an older one of the same person: same options, same device, new key. The old
   * certificate is revoked as superseded when the overlap is over.
   *
   * @throws CertificateNotRenewable, and as issueForUser
   */
  async renewForUser(
    user: ProfileOwner,
    old: Issuance,
    wish: OwnKeyWish,
    request: RequestContext,
  ): Promise<IssuedProfile> {
    const { options } = old;
    const deviceName = old.deviceName ?? undefined;
    const directives = this.composer.forUser(user, options);
    const renewal = await this.renewals.of(old);
    const allowed = await this.allowance.of(user.userId, deviceName);
    return this.issue(directives, {
      ...orderOf(user, { ...wish, options, deviceName }, request),
      template: directives.template,
      renews: old.id,
      credential: together(renewal, allowed),
    });
  }

  /** Makes the profile of the computer that a PSK stands for, and uses the PSK once. */
  async issueForComputer(psk: Psk, wish: OwnKeyWish, request: RequestContext): Promise<IssuedProfile> {
    const directives = this.composer.forComputer(psk);
    return this.issue(directives, {
      kind: 'computer',
      commonName: psk.commonName,
      requester: { pskId: psk.id },
      template: directives.template,
      options: [],
      context: pskContext(psk, request),
      credential: this.psks.useOf(psk),
      ...wish,
    });
  }

  private async issue(directives: ClientDirectives, order: CertificateOrder): Promise<IssuedProfile> {
    const sessionToken = randomSessionToken();
    return this.issuer.issue({ ...order, sessionTokenHash: hashSecret(sessionToken) }, (certificate) => ({
      fileName: this.composer.fileNameFor(
        order.commonName,
        ...(order.deviceName === undefined ? [] : [order.deviceName]),
      ),
      content: this.composer.assemble(directives, certificate),
      sessionToken,
      fingerprint: certificate.fingerprint,
      notAfter: certificate.not_after,
    }));
  }
}

type UserOrder = Omit<CertificateOrder, 'template' | 'credential'>;

function orderOf(user: ProfileOwner, wish: ProfileWish, request: RequestContext): UserOrder {
  return {
    kind: 'user',
    commonName: commonNameOf(user),
    requester: { userId: user.userId },
    context: userContext(user, request),
    ...wish,
  };
}
