import { testDatabases } from '@libs/testing';
import { AdminEvent } from '../src/events/event.entity';
import { StoredSettings } from '../src/settings/settings.entity';
import { Settings } from '../src/settings/settings.service';
import { type ApiAnswer, apiCall } from './support/api-call';
import { freePort, startFrontend, type TestFrontend } from './support/frontend';
import { type SignedIn, signedInAs } from './support/signed-in';

const PATH = '/api/v1/admin/settings';

describe.each(testDatabases())('settings on $name', (database) => {
  let frontend: TestFrontend;
  let administrator: SignedIn;

  beforeAll(async () => {
    frontend = await startFrontend({ database, port: await freePort(), issuer: 'http://localhost:9' });
    administrator = await signedInAs(frontend.dataSource, ['vpn-admins']);
  });

  afterAll(() => frontend.close());

  const read = () => apiCall(frontend.url, `GET ${PATH}`, { headers: administrator.headers });
  const change = (body: object, ifMatch?: string): Promise<ApiAnswer> => {
    const headers = { ...administrator.headers, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) };
    return apiCall(frontend.url, `PATCH ${PATH}`, { headers, body });
  };
  const current = async () => (await read()).headers.get('etag') ?? '';
  const eventsOf = (name: string) =>
    frontend.dataSource
      .getRepository(AdminEvent)
      .find({ where: { action: 'setting.changed', objectId: name }, order: { createdAt: 'ASC' } });

  it('are the defaults until somebody changes them', async () => {
    const { status, headers, body } = await read();
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      site_name: 'OpenVPN Manager',
      announcement: null,
      default_validity_days: null,
      max_validity_days: null,
      max_active_profiles_per_user: null,
      max_named_devices_per_user: null,
      renewal_overlap_hours: 168,
      bulk_revocation_fuse_percent: 20,
      version: 1,
      updated_at: null,
      updated_by: null,
    });
  });

  it('change one by one, with a new version and an event for each', async () => {
    const before = await current();
    const { status, headers, body } = await change({ renewal_overlap_hours: 24, announcement: 'Hello' }, before);
    expect(status).toBe(200);
    expect(body).toMatchObject({ renewal_overlap_hours: 24, announcement: 'Hello', bulk_revocation_fuse_percent: 20 });
    expect(body).toMatchObject({ updated_by: administrator.userId, updated_at: frontend.clock.now().toISOString() });
    expect(headers.get('etag')).toBe(`"${String(body['version'])}"`);
    expect(headers.get('etag')).not.toBe(before);
    expect(await eventsOf('renewal_overlap_hours')).toMatchObject([
      { actorId: administrator.userId, requestId: headers.get('x-request-id'), details: { value: 24 } },
    ]);
    expect(await eventsOf('announcement')).toHaveLength(1);
    expect(await frontend.app.get(Settings).current()).toMatchObject({ renewal_overlap_hours: 24 });
  });

  it('go back to a default by null', async () => {
    await change({ renewal_overlap_hours: 24, site_name: 'My VPN' }, await current());
    const { body } = await change({ renewal_overlap_hours: null, site_name: null }, await current());
    expect(body).toMatchObject({ renewal_overlap_hours: 168, site_name: 'OpenVPN Manager' });
  });

  it.each([undefined, '', '*', '3', 'W/"1"', '"x"'])('are not changed with the If-Match %j', async (ifMatch) => {
    const before = (await read()).body;
    const { status, body } = await change({ announcement: 'x' }, ifMatch);
    expect({ status, code: body['code'] }).toEqual({ status: 428, code: 'settings_version_required' });
    expect((await read()).body).toEqual(before);
  });

  it('are not changed by somebody who has not seen the last change', async () => {
    const seen = await current();
    await change({ announcement: 'first' }, seen);
    const { status, headers, body } = await change({ announcement: 'second' }, seen);
    expect({ status, code: body['code'] }).toEqual({ status: 412, code: 'settings_changed_meanwhile' });
    expect(headers.get('etag')).toBe(await current());
    expect((await read()).body).toMatchObject({ announcement: 'first' });
  });

  it('take one of fifty changes to the same version', async () => {
    const seen = await current();
    const before = await eventsOf('max_validity_days');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => change({ max_validity_days: index + 100 }, seen)),
    );
    const [winner, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(49);
    expect((await read()).body).toEqual(winner?.body);
    expect(await eventsOf('max_validity_days')).toHaveLength(before.length + 1);
    await change({ max_validity_days: null }, await current());
  });

  it('take one of fifty changes that begin at the same moment', async () => {
    const settings = frontend.app.get(Settings);
    const { version } = await settings.read();
    const actor = { userId: administrator.userId };
    const changes = Array.from({ length: 50 }, (_, index) =>
      settings.change({ announcement: `${index}` }, [version], actor),
    );
    const outcomes = await Promise.allSettled(changes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'settings_changed_meanwhile' });
    }
    expect(await settings.read()).toMatchObject({ version: version + 1 });
  });

  it.each([
    [{ site_name: '' }],
    [{ site_name: 'a,b' }],
    [{ site_name: 'a\r\nb' }],
    [{ site_name: 'x'.repeat(101) }],
    [{ announcement: 'x'.repeat(501) }],
    [{ announcement: 7 }],
    [{ max_validity_days: 0 }],
    [{ max_validity_days: '7' }],
    [{ max_active_profiles_per_user: -1 }],
    [{ renewal_overlap_hours: 1.5 }],
    [{ bulk_revocation_fuse_percent: 201 }],
    [{ default_validity_days: 90, max_validity_days: 30 }],
    [{ unheard_of: 1 }],
    [{ version: 1 }],
  ])('refuse %j', async (body) => {
    const before = (await read()).body;
    expect(await change(body, await current())).toMatchObject({ status: 422 });
    expect((await read()).body).toEqual(before);
  });

  it('check a value against one that was set before', async () => {
    await change({ max_validity_days: 30 }, await current());
    expect(await change({ default_validity_days: 31 }, await current())).toMatchObject({ status: 422 });
    expect(await change({ default_validity_days: 30 }, await current())).toMatchObject({ status: 200 });
    await change({ max_validity_days: null, default_validity_days: null }, await current());
  });

  it('leave out what a later version has stored', async () => {
    const rows = frontend.dataSource.getRepository(StoredSettings);
    const { chosen } = await rows.findOneByOrFail({ id: 1 });
    await rows.update({ id: 1 }, { chosen: { ...chosen, of_tomorrow: 1 } as never });
    expect((await read()).body).not.toHaveProperty('of_tomorrow');
  });

  it('show their announcement on every page, as text', async () => {
    await change({ announcement: '<b>Maintenance</b> on Friday', site_name: 'Our <VPN>' }, await current());
    for (const path of ['/', '/nowhere']) {
      const page = await fetch(`${frontend.url}${path}`, { headers: { accept: 'text/html' } });
      const html = await page.text();
      expect(html).toContain('&lt;b>Maintenance&lt;/b> on Friday');
      expect(html).toContain('Our &lt;VPN>');
      expect(html).not.toContain('<b>Maintenance');
    }
    await change({ announcement: null, site_name: null }, await current());
    expect(await (await fetch(frontend.url, { headers: { accept: 'text/html' } })).text()).not.toContain(
      'announcement"',
    );
  });

  it('are seen by another replica within seconds', async () => {
    const settings = frontend.app.get(Settings);
    await settings.read();
    await frontend.dataSource.getRepository(StoredSettings).increment({ id: 1 }, 'version', 1);
    await frontend.dataSource.getRepository(StoredSettings).update({ id: 1 }, { chosen: { renewal_overlap_hours: 1 } });
    expect(await settings.current()).toMatchObject({ renewal_overlap_hours: 168 });
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect(await settings.current()).toMatchObject({ renewal_overlap_hours: 1 });
    expect(settings.recent()).toMatchObject({ renewal_overlap_hours: 1 });
  });
});
