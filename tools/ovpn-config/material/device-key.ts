import { type KeyAlgorithm, createKeyPairAndCsr, parseCertificate, spkiOf } from '@libs/pki';
import { createPrivateKey } from 'node:crypto';
import { ExitStatus, Failed } from '../failed';

/** A private key that is made here and leaves this machine in no request: only its CSR does. */
export interface DeviceKey {
  readonly privateKeyPem: string;
  readonly csrPem: string;
}

/** The frontend takes the subject of a CSR for nothing; it need not say who we are. */
export function newDeviceKey(algorithm: KeyAlgorithm): Promise<DeviceKey> {
  return createKeyPairAndCsr({ commonName: 'ovpn-config', algorithm });
}

/** @throws Failed unless the certificate is for this key */
export function assertCertifies(certificate: Buffer, { privateKeyPem }: DeviceKey): void {
  if (parseCertificate(certificate).tbs.spki.equals(spkiOf(createPrivateKey(privateKeyPem)))) return;
  throw new Failed(ExitStatus.notProven, 'The certificate that came is not for the key that was made here.');
}
