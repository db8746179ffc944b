import type { Principal } from '@libs/auth';
import { assembleProfile, fileNameOf, Templates } from '@libs/openvpn';
import type { ClientDirectives, TemplateOption } from '@libs/openvpn';
import { toComments } from '@libs/tlog';
import { Injectable } from '@nestjs/common';
import { FrontendConfig } from '../config/frontend.config';
import { hashSecret, randomSessionToken } from '../credentials/secret';
import type { SpendableCredential } from '../credentials/spendable-credential';
import type { Psk } from '../psks/psk.entity';
import { PsksService } from '../psks/psks.service';
import { CertificateIssuer } from './certificate-issuer.service';
import type { FreshCertificate } from './certificate-issuer.service';
import { NO_CREDENTIAL } from './certificate-order';
import type { CertificateOrder } from './certificate-order';
import { ControlChannelKeys } from './control-channel-keys';
import { commonNameOf, pskContext, userContext } from './requester';
import type { RequestContext } from './request-context';
import { refusingUnknownChoices } from './template-choice';

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

/** The person a profile is for; `groups` choose the template and may be older than the person's present ones. */
export type ProfileOwner = Pick<Principal, 'userId' | 'subject' | 'email' | 'groups'>;

/** Client profiles, for people and for computers. */
@Injectable()
export class ProfileIssuer {
  constructor(
    private readonly issuer: CertificateIssuer,
    private readonly templates: Templates,
    private readonly controlChannel: ControlChannelKeys,
    private readonly psks: PsksService,
    private readonly config: FrontendConfig,
  ) {}

  /** The options that the person may choose from, in the order in which to show them; none without a profile to add them to. */
  optionsFor({ groups }: Pick<Principal, 'groups'>): readonly TemplateOption[] {
    return this.templates.hasClientTemplate(groups) ? this.templates.options : [];
  }

  /**
   * Renders the profile's directives and nothing else: what would fail later fails here and costs nothing.
   *
   * @throws TemplateChoiceUnknown for an option that does not exist, NoProfileTemplate when no template applies
   */
  checkChoice(user: ProfileOwner, options: readonly string[]): void {
    this.directivesFor(user, options);
  }

  /**
   * Makes a profile for a signed-in person.
   *
   * @param options ids of the chosen options
   * @param paidWith what the person pays with; nothing, when they ask in person
   * @throws TemplateChoiceUnknown, NoProfileTemplate, and what CertificateIssuer throws
   */
  async issueForUser(
    user: ProfileOwner,
    options: readonly string[],
    request: RequestContext,
    paidWith: SpendableCredential = NO_CREDENTIAL,
  ): Promise<IssuedProfile> {
    const directives = this.directivesFor(user, options);
    return this.issue(directives, {
      kind: 'user',
      commonName: commonNameOf(user),
      requester: { userId: user.userId },
      template: directives.template,
      options,
      context: userContext(user, request),
      credential: paidWith,
    });
  }

  /** Makes the profile of the computer that a PSK stands for, and uses the PSK once. */
  async issueForComputer(psk: Psk, request: RequestContext): Promise<IssuedProfile> {
    const directives = refusingUnknownChoices(() =>
      this.templates.renderClient([psk.templateSet], [], {
        common_name: psk.commonName,
        profile_name: this.config.siteName,
        email: '',
        kind: 'computer',
      }),
    );
    return this.issue(directives, {
      kind: 'computer',
      commonName: psk.commonName,
      requester: { pskId: psk.id },
      template: directives.template,
      options: [],
      context: pskContext(psk, request),
      credential: this.psks.useOf(psk),
    });
  }

  private directivesFor(user: ProfileOwner, options: readonly string[]): ClientDirectives {
    return refusingUnknownChoices(() =>
      this.templates.renderClient(user.groups, options, {
        common_name: commonNameOf(user),
        profile_name: this.config.siteName,
        email: userContext(user).email ?? '',
        kind: 'user',
      }),
    );
  }

  private async issue(directives: ClientDirectives, order: CertificateOrder): Promise<IssuedProfile> {
    const sessionToken = randomSessionToken();
    return this.issuer.issue({ ...order, sessionTokenHash: hashSecret(sessionToken) }, (certificate) => ({
      fileName: `${fileNameOf(`${this.config.siteName}-${order.commonName}`)}.ovpn`,
      content: this.assemble(directives, certificate),
      sessionToken,
      fingerprint: certificate.fingerprint,
      notAfter: certificate.not_after,
    }));
  }

  private assemble(directives: ClientDirectives, certificate: FreshCertificate): string {
    const [intermediate, root] = certificate.chain;
    const { privateKey } = certificate;
    return assembleProfile(directives.text, {
      root,
      intermediate,
      certificate: certificate.certificate,
      ...(privateKey === undefined ? {} : { privateKey }),
      controlChannel: this.controlChannel.forClient(certificate),
      comments: toComments(certificate.receipt),
    });
  }
}
