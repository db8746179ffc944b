import { randomUUID } from 'node:crypto';
import type request from 'supertest';
import { issuedEntry, TestIssuer } from './certificate-fixture';
import { LogService } from './service-fixture';

let service: LogService;

beforeAll(async () => {
  service = await LogService.start();
});

afterAll(() => service.stop());

describe('search', () => {
  it('finds a certificate by everything that identifies it', async () => {
    const context = { issuance_id: randomUUID(), user_id: randomUUID(), psk_id: randomUUID() };
    const { certificate, index } = await service.issue('Searched', context);
    const filters = {
      fingerprint: certificate.fingerprint,
      serial: certificate.serialNumber.toLowerCase(),
      user_id: context.user_id,
      psk_id: context.psk_id,
      issuance_id: context.issuance_id,
    };
    for (const [name, value] of Object.entries(filters)) {
      const { body } = await service.get(`/api/v1/certificates?${name}=${value}`).expect(200);
      expect(body.items).toHaveLength(1);
      expect(body.items[0]).toMatchObject({ index, fingerprint: certificate.fingerprint, context, revocation: null });
      expect(body.items[0].certificate).toBeUndefined();
    }
    const other = `/api/v1/certificates?user_id=${context.user_id}&kind=server`;
    expect((await service.get(other).expect(200)).body.items).toEqual([]);
  });

  it('pages from the newest to the oldest, each certificate once', async () => {
    const own = await TestIssuer.create();
    const indexes: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      indexes.unshift((await service.append(issuedEntry(await own.certificate())).expect(201)).body.index);
    }
    const seen: number[] = [];
    let path: string | null = `/api/v1/certificates?issuer=${own.id}&limit=2`;
    while (path !== null) {
      const response: request.Response = await service.get(path).expect(200);
      seen.push(...response.body.items.map(({ index }: { index: number }) => index));
      const { next_cursor: cursor } = response.body as { next_cursor: string | null };
      expect(response.headers['link']).toBe(
        cursor === null ? undefined : `<?issuer=${own.id}&limit=2&cursor=${cursor}>; rel="next"`,
      );
      path = cursor === null ? null : `/api/v1/certificates?issuer=${own.id}&limit=2&cursor=${cursor}`;
    }
    expect(seen).toEqual(indexes);
  });

  it('gives one certificate with its DER, and 404 for an unknown one', async () => {
    const { certificate } = await service.issue('One');
    const { body } = await service.get(`/api/v1/certificates/${certificate.fingerprint}`).expect(200);
    expect(body).toMatchObject({ common_name: 'One', certificate: certificate.der.toString('base64'), context: null });
    const missing = await service.get(`/api/v1/certificates/${'0'.repeat(64)}`).expect(404);
    expect(missing.body.code).toBe('certificate_not_found');
  });

  it.each([
    '/api/v1/certificates?colour=red',
    '/api/v1/certificates?limit=0',
    '/api/v1/certificates?limit=201',
    '/api/v1/certificates?serial=12',
    '/api/v1/certificates?cursor=AAAA',
    '/api/v1/certificates?fingerprint=abc',
    '/api/v1/certificates/abc',
    '/api/v1/revocations?since=-1',
    '/api/v1/proofs/inclusion',
    '/api/v1/proofs/consistency?from=0',
    '/api/v1/proofs/consistency?from=3&to=2',
  ])('refuses %s', async (path) => {
    await service.issue();
    await service.issue();
    await service.issue();
    const response = await service.get(path).expect(422);
    expect(response.headers['content-type']).toMatch(/application\/problem\+json/);
  });
});

describe('GET /api/v1/revocations', () => {
  it('lists revocations in log order, from an index on, by issuer', async () => {
    const own = await TestIssuer.create();
    const revoked: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const certificate = await own.certificate();
      await service.append(issuedEntry(certificate)).expect(201);
      const body = {
        type: 'revoked',
        fingerprint: certificate.fingerprint,
        reason: 'superseded',
        revoked_at: '2024-01-01T00:00:00Z',
      };
      await service.append(body).expect(201);
      revoked.push(certificate.fingerprint);
    }
    const first = await service.get(`/api/v1/revocations?since=0&issuer=${own.id}&limit=2`).expect(200);
    expect(first.body).toMatchObject({ complete: false });
    const rest = await service.get(`/api/v1/revocations?since=${first.body.next_since}&issuer=${own.id}`).expect(200);
    expect(rest.body.complete).toBe(true);
    const found = [...first.body.items, ...rest.body.items] as { fingerprint: string; serial_number: string }[];
    expect(found.map(({ fingerprint }) => fingerprint)).toEqual(revoked);
    expect(found[0]?.serial_number).toMatch(/^[0-9A-F]{40}$/);
    const later = await service.get(`/api/v1/revocations?since=${rest.body.next_since}`).expect(200);
    expect(later.body).toEqual({ items: [], next_since: rest.body.next_since, complete: true });
  });
});
