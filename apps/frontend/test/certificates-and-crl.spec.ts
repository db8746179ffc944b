import type { Principal } from '@libs/auth';
import { crlSerialNumbers, parseCrl } from '@libs/pki';
import { testDatabases } from '@libs/testing';
import request from 'supertest';
import { ProfileIssuer } from '../src/issuances/profile-issuer.service';
import { type IssuingFrontend, startIssuingFrontend } from './support/issuing-frontend';

const NOBODY = { clientAddress: undefined, userAgent: undefined, requestId: undefined };

describe.each(testDatabases().slice(0, 1))('certificates and CRL', (database) => {
  let frontend: IssuingFrontend;
  let administrator: Principal;
  let fingerprint: string;

  beforeAll(async () => {
    frontend = await startIssuingFrontend(database);
    administrator = await frontend.addUser();
    ({ fingerprint } = await frontend.app.get(ProfileIssuer).issueForUser(administrator, { options: [] }, NOBODY));
  });
  afterAll(() => frontend.close());

  const get = (path: string) => request(frontend.server).get(path);
  const admin = (path: string) => get(`/api/v1/admin/certificates${path}`).set(frontend.as(administrator));
  const revoke = (path: string, body: object) =>
    request(frontend.server)
      .post(`/api/v1/admin/certificates/${path}/revocation`)
      .set(frontend.as(administrator))
      .send(body);

  it('serves the CRL as DER and as PEM, by path and by Accept', async () => {
    const der = await get('/crl').responseType('blob');
    expect(der.headers).toMatchObject({ 'content-type': 'application/pkix-crl', vary: 'Accept' });
    expect([...crlSerialNumbers(parseCrl(der.body))]).toEqual([]);
    const pem = await get('/crl.pem').responseType('blob');
    expect(pem.headers['content-type']).toBe('application/x-pem-file');
    expect(String(pem.body).match(/-----BEGIN X509 CRL-----/g)).toHaveLength(2);
    const negotiated = await get('/crl').set('Accept', 'application/x-pem-file').responseType('blob');
    expect(negotiated.headers['content-type']).toBe('application/x-pem-file');
    expect((await get('/crl').set('Accept', 'text/html')).headers['content-type']).toBe('application/pkix-crl');
  });

  it('answers 304 to who has it already, and HEAD without a body', async () => {
    const first = await request(frontend.server).head('/crl.pem');
    expect(first.status).toBe(200);
    expect(Number(first.headers['content-length'])).toBeGreaterThan(100);
    const { etag, 'last-modified': lastModified } = first.headers;
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect((await get('/crl.pem').set('If-None-Match', String(etag))).status).toBe(304);
    expect((await get('/crl.pem').set('If-Modified-Since', String(lastModified))).status).toBe(304);
    expect((await get('/crl.pem').set('If-None-Match', '"other"')).status).toBe(200);
  });

  it('finds and reads certificates', async () => {
    const list = await admin(`?user=${administrator.userId}&type=user&limit=5`);
    expect(list.status).toBe(200);
    expect(list.body).toMatchObject({
      items: [{ fingerprint, type: 'user', email: administrator.email }],
      next_cursor: null,
    });
    expect((await admin(`/${fingerprint}`)).body).toMatchObject({ fingerprint, revocation: null });
    expect((await admin(`/${'0'.repeat(64)}`)).status).toBe(404);
    expect((await admin('/nonsense')).status).toBe(404);
    expect((await admin('?surprise=1')).status).toBe(422);
    for (const wrong of ['serial=xyz', 'user=ada', 'user=', 'psk=ovpsk_1', 'limit=abc', 'limit=0']) {
      expect((await admin(`?${wrong}`)).status).toBe(422);
    }
    expect((await admin('?limit=abc')).body.detail).toBe('limit must be a whole number from 1 to 200');
  });

  it('takes serial numbers and fingerprints as tools print them', async () => {
    const serial = frontend.services.certificates[0]?.serial_number ?? '';
    const colons = (hex: string) => hex.replace(/(..)(?=.)/g, '$1:');
    const prints = [fingerprint, fingerprint.toUpperCase(), colons(fingerprint.toUpperCase())];
    const serials = [serial, serial.toLowerCase(), colons(serial.toLowerCase())];
    for (const query of [...prints.map((text) => `fingerprint=${text}`), ...serials.map((text) => `serial=${text}`)]) {
      expect((await admin(`?${query}`)).body).toMatchObject({ items: [{ fingerprint, serial_number: serial }] });
    }
    const other = fingerprint.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    expect((await admin(`?fingerprint=${other}`)).body.items).toEqual([]);
  });

  it('hands on what the log refuses as the caller’s own mistake', async () => {
    const { status, body } = await admin('?cursor=zz');
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'invalid_request', title: 'The request is not valid' });
  });

  it('revokes, and the next CRL has it', async () => {
    const answer = await revoke(fingerprint, { reason: 'key_compromise', comment: 'lost laptop' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ fingerprint, reason: 'key_compromise', newly_revoked: true });
    expect(frontend.services.revocations).toMatchObject([
      { fingerprint, context: { actor: `user:${administrator.userId}`, comment: 'lost laptop' } },
    ]);
    const der = await get('/crl').responseType('blob');
    expect([...crlSerialNumbers(parseCrl(der.body))]).toEqual([frontend.services.certificates[0]?.serial_number]);
    expect((await revoke(fingerprint, { reason: 'superseded' })).status).toBe(200);
  });

  it('refuses to revoke what does not exist, and reasons that would un-revoke', async () => {
    expect((await revoke('0'.repeat(64), { reason: 'superseded' })).status).toBe(404);
    expect((await revoke('nonsense', { reason: 'superseded' })).status).toBe(404);
    expect((await revoke(fingerprint, { reason: 'certificate_hold' })).status).toBe(422);
    expect((await revoke(fingerprint, {})).body.detail).toMatch(/^reason is required: .*key_compromise/);
  });

  it('keeps reading and revoking to the roles', async () => {
    const [auditor, user] = [
      await frontend.addUser({ roles: ['auditor'] }),
      await frontend.addUser({ roles: ['user'] }),
    ];
    const attempt = (person: Principal) =>
      request(frontend.server)
        .post(`/api/v1/admin/certificates/${fingerprint}/revocation`)
        .set(frontend.as(person))
        .send({ reason: 'superseded' });
    expect((await attempt(auditor)).status).toBe(403);
    expect((await get('/api/v1/admin/certificates').set(frontend.as(auditor))).status).toBe(200);
    expect((await get('/api/v1/admin/certificates').set(frontend.as(user))).status).toBe(403);
    expect((await get('/api/v1/admin/certificates')).status).toBe(401);
  });

  it('never serves an older CRL than one it has served', async () => {
    await revoke(fingerprint, { reason: 'superseded' });
    const before = await get('/crl').responseType('blob');
    expect([...crlSerialNumbers(parseCrl(before.body))].length).toBeGreaterThan(0);
    frontend.services.revocations.length = 0;
    const after = await get('/crl').responseType('blob');
    expect(after.body.equals(before.body)).toBe(true);
  });

  it('serves the last good CRL when signing is gone, and says 503 for what needs it', async () => {
    const before = await get('/crl.pem').responseType('blob');
    await frontend.services.stop();
    const after = await get('/crl.pem').responseType('blob');
    expect(after.status).toBe(200);
    expect(after.body.equals(before.body)).toBe(true);
    const refused = await revoke(fingerprint, { reason: 'superseded' });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await expect(
      frontend.app.get(ProfileIssuer).issueForUser(administrator, { options: [] }, NOBODY),
    ).rejects.toMatchObject({
      status: 503,
    });
  });
});
