import { fileNameOf, packServerBundle, Templates } from '@libs/openvpn';
import { toComments } from '@libs/tlog';
import { Injectable } from '@nestjs/common';
import { CrlService } from '../crl/crl.service';
import type { Psk } from '../psks/psk.entity';
import { PsksService } from '../psks/psks.service';
import { CertificateIssuer } from './certificate-issuer.service';
import { ControlChannelKeys } from './control-channel-keys';
import type { OwnKeyWish } from './profile-issuer.service';
import { pskContext } from './requester';
import type { RequestContext } from './request-context';
import { refusingUnknownChoices } from './template-choice';

/** A finished tar.gz, which exists nowhere else: hand it out with `Cache-Control: no-store`. */
export interface IssuedBundle {
  readonly fileName: string;
  readonly content: Buffer;
}

/** Server bundles: everything that an OpenVPN server needs, in one archive. */
@Injectable()
export class BundleIssuer {
  constructor(
    private readonly issuer: CertificateIssuer,
    private readonly templates: Templates,
    private readonly controlChannel: ControlChannelKeys,
    private readonly psks: PsksService,
    private readonly crl: CrlService,
  ) {}

  /**
   * Makes the bundle of the server that a PSK stands for, and uses the PSK once. The configurations and the CRL come
   * first, so that a bundle which could not start a server costs nothing.
   */
  async issueForServer(psk: Psk, wish: OwnKeyWish, request: RequestContext): Promise<IssuedBundle> {
    const configurations = refusingUnknownChoices(() =>
      this.templates.renderServer(psk.templateSet, { server_name: psk.commonName }),
    );
    const crl = await this.crl.pem();
    const order = {
      kind: 'server',
      commonName: psk.commonName,
      dnsNames: [psk.commonName],
      requester: { pskId: psk.id },
      template: psk.templateSet,
      options: [],
      context: pskContext(psk, request),
      credential: this.psks.useOf(psk),
      ...wish,
    } as const;
    const content = await this.issuer.issue(order, async (certificate) => {
      const [intermediate, root] = certificate.chain;
      const { privateKey } = certificate;
      return packServerBundle({
        root,
        intermediate,
        certificate: certificate.certificate,
        ...(privateKey === undefined ? {} : { privateKey }),
        controlChannel: this.controlChannel.forServer(),
        rotatingKeys: this.controlChannel.rotating(),
        crl: crl.body.toString('utf8'),
        comments: toComments(certificate.receipt),
        configurations,
      });
    });
    return { fileName: `${fileNameOf(psk.commonName)}.tar.gz`, content };
  }
}
