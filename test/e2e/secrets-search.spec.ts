import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Secrets } from '../support/secrets';

describe('the search for secrets', () => {
  const secret = `ovdl_${randomBytes(32).toString('base64url')}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const secrets = new Secrets();
  secrets.add('token', secret);
  secrets.addPrivateKey('key', pem);

  it.each([
    ['itself', `GET /download/${secret} 200`],
    ['hex', `\\x00${Buffer.from(secret).toString('hex').toUpperCase()}ff`],
    ...[0, 1, 2].map((shift) => [
      `base64 after ${String(shift)} bytes`,
      Buffer.from(`${'x'.repeat(shift)}${secret} and more`).toString('base64'),
    ]),
  ])('finds a token as %s', (_, text) => {
    expect(secrets.foundIn(text)).toEqual(['token']);
  });

  it('finds a key by its number, by a line of its PEM, and any key by its first line', () => {
    const { d = '' } = privateKey.export({ format: 'jwk' });
    expect(secrets.foundIn(Buffer.from(d, 'base64url').toString('hex'))).toEqual(['key']);
    expect(secrets.foundIn(`{"key":"${pem.split('\n')[1] ?? ''}"}`)).toEqual(['key']);
    expect(secrets.foundIn(JSON.stringify('-----BEGIN EC PRIVATE KEY-----'))).toEqual(['a private key']);
  });

  it('finds nothing where there is nothing', () => {
    expect(secrets.foundIn(`hash ${randomBytes(64).toString('hex')} ${randomBytes(64).toString('base64')}`)).toEqual(
      [],
    );
  });
});
