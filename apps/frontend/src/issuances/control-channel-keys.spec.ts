import {
  generateTlsCryptV2ServerKey,
  parseTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  tlsCryptV2ServerKeyId,
  unwrapTlsCryptV2ClientKey,
} from '@libs/openvpn';
import { createAuthority, sha256, toPem } from '@libs/pki';
import { ControlChannelKeys } from './control-channel-keys';

const SERIAL_NUMBER = '54D80A29CC42945DDD2C4372446389FE3D02C057';
const NOT_AFTER = '2027-02-22T11:45:25.000Z';

describe('the keys of the control channel', () => {
  const [current, previous] = [generateTlsCryptV2ServerKey(), generateTlsCryptV2ServerKey()];

  async function clientKeyOf(keys: ControlChannelKeys) {
    const { intermediate, root } = await createAuthority({
      ...{ rootCommonName: 'Root', intermediateCommonName: 'Intermediate' },
      ...{ algorithm: 'P-256', now: new Date(), rootCrlValidityDays: 30 },
    });
    const { kind, key } = keys.forClient({
      certificate: 'not looked at',
      chain: [toPem('CERTIFICATE', intermediate.issuer.der), toPem('CERTIFICATE', root.issuer.der)],
      ...{ serial_number: SERIAL_NUMBER, not_before: '2026-11-24T11:45:25.000Z', not_after: NOT_AFTER },
      ...{ fingerprint: '00'.repeat(32), log_index: 0, receipt: '' },
    });
    expect(kind).toBe('tls-crypt-v2');
    const issuer = sha256(intermediate.issuer.certificate.tbs.spki).toString('hex');
    return { ...parseTlsCryptV2ClientKey(key), issuer };
  }

  it('name the certificate, in the very text that tls-crypt-v2-verify reads', async () => {
    const { wrappedKey, issuer } = await clientKeyOf(new ControlChannelKeys([current]));
    const { metadata } = unwrapTlsCryptV2ClientKey(current, wrappedKey);
    if (metadata.type !== 'user') throw new Error('the metadata is a timestamp');
    expect(metadata.data.toString()).toBe(
      `{"serial":"${SERIAL_NUMBER}","issuer":"${issuer}","not_after":"${NOT_AFTER}"}`,
    );
  });

  it('are wrapped with the first server key, whatever others there are', async () => {
    const { wrappedKey } = await clientKeyOf(new ControlChannelKeys([current, previous]));
    expect(() => unwrapTlsCryptV2ClientKey(current, wrappedKey)).not.toThrow();
    expect(() => unwrapTlsCryptV2ClientKey(previous, wrappedKey)).toThrow();
  });

  it('are one for servers, and each by its id as well while there are several', () => {
    const printed = (key: Buffer) => ({ id: tlsCryptV2ServerKeyId(key), key: printTlsCryptV2ServerKey(key) });
    expect(new ControlChannelKeys([current]).rotating()).toEqual([]);
    const both = new ControlChannelKeys([current, previous]);
    expect(both.forServer()).toEqual({ kind: 'tls-crypt-v2', key: printTlsCryptV2ServerKey(current) });
    expect(both.rotating()).toEqual([printed(current), printed(previous)]);
    expect(new ControlChannelKeys([previous, current]).rotating()).toEqual([printed(previous), printed(current)]);
  });
});
