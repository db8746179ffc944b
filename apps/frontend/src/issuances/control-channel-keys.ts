import type { IssuedCertificate } from '@libs/contracts';
import {
  generateTlsCryptV2ClientKey,
  printTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  tlsCryptV2ServerKeyId,
} from '@libs/openvpn';
import type { ControlChannelKey, NamedServerKey } from '@libs/openvpn';
import { onlyPemBlock, parseCertificate, sha256 } from '@libs/pki';

/**
 * The tls-crypt-v2 keys of servers, who share theirs, and of clients, who get one each. An OpenVPN server unwraps with one
 * key, so a rotation is two instances side by side until the last profile of the old key has expired: see
 * docs/operations/control-channel-keys.md.
 */
export class ControlChannelKeys {
  /** @param serverKeys the current one first, with which client keys are wrapped; the others are on their way in or out */
  constructor(private readonly serverKeys: readonly [Buffer, ...Buffer[]]) {}

  forServer(): ControlChannelKey {
    return { kind: 'tls-crypt-v2', key: printTlsCryptV2ServerKey(this.serverKeys[0]) };
  }

  /** Every server key, so that an instance can name its own whatever the order; none while there is but one. */
  rotating(): readonly NamedServerKey[] {
    if (this.serverKeys.length === 1) return [];
    return this.serverKeys.map((key) => ({ id: tlsCryptV2ServerKeyId(key), key: printTlsCryptV2ServerKey(key) }));
  }

  /**
   * A new key that names its certificate, so that a server can turn away a revoked profile before any TLS. The program
   * tools/tls-crypt-v2-verify reads this very text: fields and their order are part of the contract.
   */
  forClient(certificate: IssuedCertificate): ControlChannelKey {
    const metadata = {
      serial: certificate.serial_number,
      issuer: issuerId(certificate.chain[0]),
      not_after: certificate.not_after,
    };
    const data = Buffer.from(JSON.stringify(metadata));
    return {
      kind: 'tls-crypt-v2',
      key: printTlsCryptV2ClientKey(generateTlsCryptV2ClientKey(this.serverKeys[0], { type: 'user', data })),
    };
  }
}

/** SHA-256 of the issuer's SubjectPublicKeyInfo, as everywhere between our services. */
function issuerId(certificatePem: string): string {
  const { tbs } = parseCertificate(onlyPemBlock(certificatePem, 'CERTIFICATE'));
  return sha256(tbs.spki).toString('hex');
}
