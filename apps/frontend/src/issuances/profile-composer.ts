import type { Principal } from '@libs/auth';
import { assembleProfile, type ClientDirectives, fileNameOf, type TemplateOption, Templates } from '@libs/openvpn';
import { toComments } from '@libs/tlog';
import { Injectable } from '@nestjs/common';
import type { Psk } from '../psks/psk.entity';
import { Settings } from '../settings/settings.service';
import type { FreshCertificate } from './certificate-issuer.service';
import { ControlChannelKeys } from './control-channel-keys';
import { commonNameOf, userContext } from './requester';
import { refusingUnknownChoices } from './template-choice';

/** The person a profile is for; `groups` choose the template and may be older than the person's present ones. */
export type ProfileOwner = Pick<Principal, 'userId' | 'subject' | 'email' | 'groups'>;

/** The text of client profiles: directives from the templates, then the material around a certificate. */
@Injectable()
export class ProfileComposer {
  constructor(
    private readonly templates: Templates,
    private readonly controlChannel: ControlChannelKeys,
    private readonly settings: Settings,
  ) {}

  /** The options that the person may choose from, in the order in which to show them; none without a profile to add them to. */
  optionsFor({ groups }: Pick<Principal, 'groups'>): readonly TemplateOption[] {
    return this.templates.hasClientTemplate(groups) ? this.templates.options : [];
  }

  /** @throws TemplateChoiceUnknown for an option that does not exist, NoProfileTemplate when no template applies */
  forUser(user: ProfileOwner, options: readonly string[]): ClientDirectives {
    return refusingUnknownChoices(() =>
      this.templates.renderClient(user.groups, options, {
        common_name: commonNameOf(user),
        profile_name: this.siteName,
        email: userContext(user).email ?? '',
        kind: 'user',
      }),
    );
  }

  /** @throws TemplateChoiceUnknown when the PSK's template is gone */
  forComputer({ templateSet, commonName }: Psk): ClientDirectives {
    return refusingUnknownChoices(() =>
      this.templates.renderClient([templateSet], [], {
        common_name: commonName,
        profile_name: this.siteName,
        email: '',
        kind: 'computer',
      }),
    );
  }

  /** @returns a name that is safe in a Content-Disposition header */
  fileNameFor(...names: readonly string[]): string {
    return `${fileNameOf([this.siteName, ...names].join('-'))}.ovpn`;
  }

  assemble(directives: ClientDirectives, certificate: FreshCertificate): string {
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

  private get siteName(): string {
    return this.settings.recent().site_name;
  }
}
