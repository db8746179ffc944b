import { parseConfiguration } from '@libs/openvpn';
import { certificateOfProfile } from '../../ct-verify/profile-file';
import { ExitStatus, Failed } from '../failed';
import { type DeviceKey, assertCertifies } from './device-key';

/** Where the key stands in profiles that come with one: behind the certificates. */
const BEFORE_KEY: readonly string[] = ['</extra-certs>', '</cert>'];

/**
 * A profile that came without a key, with the key that was made here.
 * @throws Failed when it came with a key after all, or with a certificate for another one; Refuted when it is not clear which
 *   certificate OpenVPN would use
 */
export function withOwnKey(profile: string, key: DeviceKey): string {
  assertCertifies(certificateOfProfile(profile), key);
  const { blocks, directives } = parseConfiguration(profile);
  const hasKey = blocks.some(({ name }) => name === 'key') || directives.some(({ name }) => name === 'key');
  if (hasKey) throw new Failed(ExitStatus.notProven, 'The profile came with a key, though one had been made here.');
  const lines = profile.split('\n');
  const end = BEFORE_KEY.map((line) => lines.indexOf(line)).find((index) => index >= 0);
  if (end === undefined) throw new Failed(ExitStatus.notProven, 'The profile has no certificate.');
  lines.splice(end + 1, 0, '<key>', key.privateKeyPem.trimEnd(), '</key>');
  return lines.join('\n');
}
