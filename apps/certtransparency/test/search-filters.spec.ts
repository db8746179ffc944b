import { randomUUID } from 'node:crypto';
import type { CertificateRecord, CertificateSearch, Page } from '@libs/contracts';
import fc from 'fast-check';
import { TestIssuer } from './certificate-fixture';
import { SearchModel } from './search-model';
import { LogService } from './service-fixture';

const USERS = [randomUUID(), randomUUID()] as const;
const PSKS = ['psk-a', 'psk-b'] as const;
const KINDS = ['user', 'computer', 'server'] as const;
const NAMES = [
  'anna@example.org',
  'ANNA@example.com',
  'pc-7.example.net',
  'gateway_7',
  '100% sure',
  'Zoë Ötker',
  'Иван',
];
const DAYS = [-400, -30, -0.02, 0.02, 30, 400];

let service: LogService;
let model: SearchModel;
let issuers: readonly TestIssuer[];
const moments: Date[] = [];

async function search(query: CertificateSearch): Promise<Page<CertificateRecord>> {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const { body } = await service.get(`/api/v1/certificates?${parameters.toString()}`).expect(200);
  return body as Page<CertificateRecord>;
}

/** Page by page until there is none. */
async function searchAll(query: CertificateSearch): Promise<CertificateRecord[]> {
  const found: CertificateRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<CertificateRecord> = await search(cursor === null ? query : { ...query, cursor });
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

const names = (records: readonly CertificateRecord[]) => records.map((record) => record.common_name);

beforeAll(async () => {
  service = await LogService.start();
  model = new SearchModel(service);
  issuers = [service.issuer, await TestIssuer.create()];
  for (let i = 0; i < 60; i += 1) {
    const context = i % 3 === 0 ? { psk_id: PSKS[i % 2] ?? '' } : { user_id: USERS[i % 2] ?? '' };
    const record = await model.issue({
      name: NAMES[i % NAMES.length] ?? '',
      kind: KINDS[i % 3] ?? 'user',
      issuer: issuers[i % 5 === 0 ? 1 : 0] ?? service.issuer,
      expiresInDays: DAYS[i % DAYS.length] ?? 0,
      ...(i % 7 === 0 ? {} : { context }),
    });
    if (i % 4 === 1) await model.revoke(record);
    if (i % 10 === 5) moments.push(await model.moment());
  }
  for (const record of [3, 12, 30].flatMap((i) => model.records[i] ?? [])) await model.revoke(record);
});

afterAll(() => service.stop());

/** A value for each condition; of a range either its beginning or its end, to the millisecond at which something happened. */
const values = fc.record({
  kind: fc.constantFrom(...KINDS),
  status: fc.constantFrom('valid', 'expired', 'revoked'),
  issuer: fc.nat(1).map((i) => () => issuers[i]?.id),
  user_id: fc.constantFrom(...USERS),
  psk_id: fc.constantFrom(...PSKS),
  common_name: fc.constantFrom(
    'ann',
    'EXAMPLE',
    'xample.n',
    '7.e',
    'ötk',
    'ИВА',
    'nna@EXAMPLE.org',
    'pc-7.example.',
    '100% sure',
  ),
  at: fc.nat(5).map((i) => () => moments[i]?.toISOString()),
  issued_from: fc.nat(59).map((i) => () => model.records[i]?.logged_at),
  issued_to: fc.nat(59).map((i) => () => model.records[i]?.logged_at),
  expires_from: fc.nat(59).map((i) => () => model.records[i]?.not_after),
  expires_to: fc.nat(59).map((i) => () => model.records[i]?.not_after),
});

/** Few conditions at once: many have nothing in common. */
const queries = fc
  .tuple(
    values,
    fc.subarray(['kind', 'issuer', 'user_id', 'psk_id', 'common_name', 'issued_from', 'issued_to'] as const, {
      maxLength: 2,
    }),
    fc.subarray(['status', 'at', 'expires_from', 'expires_to'] as const),
    fc.constantFrom(1, 4, 50),
  )
  .map(([all, some, others, limit]) => {
    const names = [...some, ...others].filter((name) => name !== 'at' || others.includes('status'));
    const entries = names.map((name) => [name, resolve(all[name])] as const);
    return Object.fromEntries([...entries, ['limit', limit]]) as CertificateSearch;
  })
  .filter(({ expires_from: from = '', expires_to: to = '9' }) => from <= to)
  .filter(({ issued_from: from = '', issued_to: to = '9' }) => from <= to);

/** Records are there once the tests run. */
function resolve(value: string | (() => string | undefined)): string | undefined {
  return typeof value === 'function' ? value() : value;
}

describe('a search', () => {
  it('finds with any combination of conditions, on any page, what looking at every certificate would', async () => {
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const found = await searchAll(query);
        expect(found.map(({ index }) => index)).toEqual(model.find(query).map(({ index }) => index));
        answers += found.length > 0 ? 1 : 0;
      }),
      { numRuns: 200 },
    );
    expect(answers).toBeGreaterThan(50);
  }, 120_000);

  it('takes a part of a name literally, in upper or lower case, in any script', async () => {
    const named = await model.issue({ name: 'back\\slash' });
    expect(names(await searchAll({ common_name: '00% s' }))).toContain('100% sure');
    expect(await searchAll({ common_name: '1%% s' })).toEqual([]);
    expect(new Set(names(await searchAll({ common_name: 'ay_7' })))).toEqual(new Set(['gateway_7']));
    expect(await searchAll({ common_name: 'gat_way' })).toEqual([]);
    expect((await searchAll({ common_name: 'K\\S' })).map(({ index }) => index)).toEqual([named.index]);
    expect(new Set(names(await searchAll({ common_name: 'ZOË ö' })))).toEqual(new Set(['Zoë Ötker']));
    expect(new Set(names(await searchAll({ common_name: 'иВАН' })))).toEqual(new Set(['Иван']));
  });

  it('knows the status at any moment by the log’s own time, and that revoked stays revoked', async () => {
    const before = await model.moment();
    const record = await model.issue({ name: 'status over time' });
    const issued = await model.moment();
    await model.revoke(record);
    const revoked = await model.moment();
    const statuses = async (at: Date) => {
      const query = { fingerprint: record.fingerprint, at: at.toISOString() };
      const answers = await Promise.all(
        (['valid', 'expired', 'revoked'] as const).map(
          async (status) => [status, await search({ ...query, status })] as const,
        ),
      );
      return answers.filter(([, page]) => page.items.length > 0).map(([status]) => status);
    };
    // The revocation claims to be of last year.
    expect(await statuses(before)).toEqual([]);
    expect(await statuses(issued)).toEqual(['valid']);
    expect(await statuses(revoked)).toEqual(['revoked']);
    expect(await statuses(new Date('2099-01-01T00:00:00Z'))).toEqual(['revoked']);
  });

  it('stays about the moment of its first page', async () => {
    const context = { user_id: randomUUID() };
    const records = [1, 2, 3].map((i) => ({ name: `paged ${String(i)}`, context }));
    for (const sample of records) await model.issue(sample);
    const query = { user_id: context.user_id, status: 'valid', limit: 1 } as const;
    const first = await search(query);
    const last = model.records.find(({ common_name: name }) => name === 'paged 1');
    if (last) await model.revoke(last);
    const second = await search({ ...query, cursor: first.next_cursor ?? '' });
    const third = await search({ ...query, cursor: second.next_cursor ?? '' });
    expect(names([...first.items, ...second.items, ...third.items])).toEqual(['paged 3', 'paged 2', 'paged 1']);
  });

  it('refuses the cursor of another search, and takes it for a page of another size', async () => {
    const { next_cursor: cursor } = await search({ kind: 'user', limit: 2 });
    await search({ kind: 'user', limit: 5, cursor: cursor ?? '' });
    for (const other of ['kind=server', 'kind=user&status=expired', 'limit=2']) {
      const { body } = await service.get(`/api/v1/certificates?${other}&cursor=${cursor ?? ''}`).expect(422);
      expect(body.errors).toEqual([{ field: 'cursor', message: 'cursor belongs to a search with other conditions' }]);
    }
  });

  it.each([
    ['common_name=ab', 'common_name'],
    ['common_name=...', 'common_name'],
    ['common_name=a%20%20', 'common_name'],
    ['common_name=abc%00', 'common_name'],
    ['user_id=%00', 'user_id'],
    ['status=gone', 'status'],
    ['at=2025-01-01T00:00:00Z', 'at'],
    ['status=valid&at=yesterday', 'at'],
    ['status=valid&at=2025-02-30T00:00:00Z', 'at'],
    ['issued_from=2025-01-01', 'issued_from'],
    ['issued_from=2025-01-01T25:00:00Z', 'issued_from'],
    ['issued_from=2025-01-02T00:00:00Z&issued_to=2025-01-01T00:00:00Z', 'issued_from'],
    ['expires_from=2025-01-02T00:00:00Z&expires_to=2025-01-01T00:00:00Z', 'expires_from'],
    [`cursor=${Buffer.from('v1:0000000000000000:1:1').toString('base64url')}`, 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { body } = await service.get(`/api/v1/certificates?${query}`).expect(422);
    expect((body.errors as { field: string }[]).map((error) => error.field)).toEqual([field]);
  });
});
