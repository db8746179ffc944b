import {
  generateTlsCryptV2ServerKey,
  parseTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  tlsCryptV2ServerKeyId,
  unwrapTlsCryptV2ClientKey,
} from '@libs/openvpn';
import { testDatabases } from '@libs/testing';
import request from 'supertest';
import { ProfileFile } from '../../../test/support/profile-file';
import { readTarGz } from '../../../test/support/tar-gz';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

const [database] = testDatabases();

describe('while the server key of the control channel is rotated', () => {
  const [current, previous] = [generateTlsCryptV2ServerKey(), generateTlsCryptV2ServerKey()];
  let frontend: IssuingFrontend;

  beforeAll(async () => {
    if (database === undefined) throw new Error('there is no database');
    frontend = await startIssuingFrontend(database, {
      OPENVPN_TLS_CRYPT_V2_SERVER_KEY: [current, previous].map(printTlsCryptV2ServerKey).join(''),
    });
  });
  afterAll(() => frontend.close());

  async function fetchWithNewPsk(kind: 'server' | 'computer') {
    const administrator = await frontend.addUser();
    const created = await request(frontend.server)
      .post('/api/v1/admin/psks')
      .set(frontend.as(administrator))
      .send({ kind, common_name: kind === 'server' ? 'vpn.example.org' : 'kiosk 7' })
      .expect(201);
    return request(frontend.server)
      .get(`/api/v1/${kind}/bundle`)
      .set('Authorization', `Bearer ${String(created.body.secret)}`)
      .responseType('blob')
      .expect(200);
  }

  it('a server bundle has the current key where it always is, and each under a name of its own', async () => {
    const files = await readTarGz((await fetchWithNewPsk('server')).body as Buffer);
    const textOf = (name: string) => files.get(name)?.text;
    expect(textOf('tls-crypt-v2.key')).toBe(printTlsCryptV2ServerKey(current));
    for (const key of [current, previous]) {
      const name = `tls-crypt-v2.${tlsCryptV2ServerKeyId(key)}.key`;
      expect(textOf(name)).toBe(printTlsCryptV2ServerKey(key));
      expect(files.get(name)?.mode).toBe(0o600);
    }
  });

  it('a profile is wrapped with the current key', async () => {
    const profile = new ProfileFile(((await fetchWithNewPsk('computer')).body as Buffer).toString());
    const { wrappedKey } = parseTlsCryptV2ClientKey(profile.block('tls-crypt-v2'));
    expect(() => unwrapTlsCryptV2ClientKey(current, wrappedKey)).not.toThrow();
    expect(() => unwrapTlsCryptV2ClientKey(previous, wrappedKey)).toThrow();
  });
});
