import type { IssuedCertificate } from '@libs/contracts';
import { generateTlsCryptV2ClientKey, printTlsCryptV2ClientKey, printTlsCryptV2ServerKey } from '@libs/openvpn';
import type { ControlChannelKey } from '@libs/openvpn';
import { sha256 } from '@libs/pki';
import { X509Certificate } from 'node:crypto';

/** The tls-crypt-v2 keys of servers, who share one, and of clients, who get one each. */
export class ControlChannelKeys {
  constructor(private readonly serverKey: Buffer) {}

  forServer(): ControlChannelKey {
    return { kind: 'tls-crypt-v2', key: printTlsCryptV2ServerKey(this.serverKey) };
  }

  /** A new key that names its certificate, so that a server can turn away a revoked profile before any TLS. */
  forClient(certificate: IssuedCertificate): ControlChannelKey {
    const metadata = {
      serial: certificate.serial_number,
      issuer: issuerId(certificate.chain[0]),
      not_after: certificate.not_after,
    };
    const data = Buffer.from(JSON.stringify(metadata));
    return {
      kind: 'tls-crypt-v2',
      key: printTlsCryptV2ClientKey(generateTlsCryptV2ClientKey(this.serverKey, { type: 'user', data })),
    };
  }
}

/** SHA-256 of the issuer's SubjectPublicKeyInfo, as everywhere between our services. */
function issuerId(certificatePem: string): string {
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  return sha256(spki).toString('hex');
}
