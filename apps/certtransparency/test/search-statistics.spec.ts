import type { LogStatistics } from '@libs/contracts';
import { SearchModel } from './search-model';
import { LogService } from './service-fixture';

let service: LogService;
let model: SearchModel;

beforeAll(async () => {
  service = await LogService.start();
  model = new SearchModel(service);
});

afterAll(() => service.stop());

async function statistics(query = ''): Promise<LogStatistics> {
  return (await service.get(`/api/v1/statistics${query}`).expect(200)).body as LogStatistics;
}

describe('GET /api/v1/statistics', () => {
  it('counts nothing in an empty log', async () => {
    expect(await statistics('?days=1')).toMatchObject({
      size: 0,
      certificates: 0,
      by_kind: { user: 0, computer: 0, server: 0 },
      by_status: { valid: 0, expired: 0, revoked: 0 },
    });
  });

  it('counts by kind, by status and by day, and goes on with what is appended', async () => {
    await model.issue({ name: 'valid' });
    await model.issue({ name: 'expired long ago', kind: 'computer', expiresInDays: -40 });
    // Within the day that is not over, whatever the time is.
    await model.issue({ name: 'expired just now', kind: 'server', expiresInDays: -1 / 86_400 });
    const first = await statistics();
    expect(first).toMatchObject({
      size: 3,
      certificates: 3,
      by_kind: { user: 1, computer: 1, server: 1 },
      by_status: { valid: 1, expired: 2, revoked: 0 },
    });
    for (const record of [...model.records]) await model.revoke(record);
    await model.issue({ name: 'later' });
    const second = await statistics('?days=3');
    expect(second).toMatchObject({ size: 7, certificates: 4, by_status: { valid: 1, expired: 0, revoked: 3 } });
    expect(second.by_day).toHaveLength(3);
    expect(second.by_day.at(-1)?.day).toBe(second.at.slice(0, 10));
    const total = (count: 'issued' | 'revoked') => second.by_day.reduce((sum, day) => sum + day[count], 0);
    expect([total('issued'), total('revoked')]).toEqual([4, 3]);
  });

  it('counts once for all who ask at the same time', async () => {
    await model.issue({ name: 'at the same time' });
    const answers = await Promise.all([1, 2, 3, 4].map(() => statistics()));
    expect(answers.map(({ certificates }) => certificates)).toEqual([5, 5, 5, 5]);
  });

  it.each(['?days=0', '?days=367', '?day=1'])('refuses %s', async (query) => {
    await service.get(`/api/v1/statistics${query}`).expect(422);
  });
});
