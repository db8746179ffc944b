import type { Area, GivenWorld } from '../support/contract/contract-case';

const EVENTS = 'GET /api/v1/admin/events';

export const EVENTS_AND_STATISTICS: Area = {
  name: 'events and statistics',
  service: 'frontend',
  cases: [
    { operation: EVENTS, name: 'The newest', as: 'auditor', query: { limit: '1' }, status: 200, keep: 'events' },
    {
      ...{ operation: EVENTS, name: 'Of one kind, the next page', as: 'auditor', status: 200 },
      query: { object_type: 'psk', limit: '1', cursor: '$events.next_cursor' },
    },
    {
      operation: 'GET /api/v1/admin/statistics',
      name: 'Of two days',
      as: 'auditor',
      query: { days: '2' },
      status: 200,
    },
  ],
};

const FEED = 'GET /api/v1/revocations';
const REPORT = 'POST /api/v1/servers/report';
const SERVERS = 'GET /api/v1/admin/servers';

const report = {
  ...{ name: 'vpn-1', agent_version: '1.0.0', sequence: 1, log_size: 1, page_issued_at: '$time.now' },
  ...{
    crls: [{ issuer: 'ab'.repeat(32), number: 7 }],
    management: 'connected',
    sessions: 3,
    sessions_cut: 1,
    problems: [],
  },
};
const wrongKind = { as: 'computer', status: 403, code: 'psk_kind_not_allowed' } as const;

/** As many as one key may have, with the one that has reported: in that many reports it would do so too often. */
async function moreServers({ change }: GivenWorld): Promise<void> {
  const columns =
    'agent_version, sequence, log_size, page_issued_at, crls, management, sessions, sessions_cut, problems';
  for (let count = 2; count <= 64; count += 1) {
    const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
    await change(`INSERT INTO server_states (id, name, psk_id, ${columns}, created_at, reported_at)
      SELECT '${id}', 'vpn-${String(count)}', psk_id, ${columns}, created_at, reported_at
      FROM server_states WHERE name = 'vpn-1'`);
  }
}

async function reportsUntilRefused({ ask }: GivenWorld): Promise<void> {
  for (let isRefused = false; !isRefused;) {
    isRefused = await ask({ operation: REPORT, as: 'server', body: report }).then(
      () => false,
      () => true,
    );
  }
}

export const SERVERS_AND_AGENTS: Area = {
  name: 'servers',
  service: 'frontend',
  cases: [
    { operation: FEED, name: 'From the beginning', as: 'server', query: { since: '0', limit: '1' }, status: 200 },
    {
      ...{ operation: FEED, name: 'That extends what is known', as: 'server', status: 200 },
      ...{ query: { since: '1', extends: '1', limit: '1' }, headers: { prefer: 'wait=1', accept: 'text/plain' } },
    },
    { operation: FEED, name: 'With a key for computers', ...wrongKind },
    { operation: REPORT, name: 'Of an agent', as: 'server', body: report, status: 204 },
    { operation: REPORT, name: 'With a key for computers', body: report, ...wrongKind },
    {
      ...{ operation: REPORT, name: 'Of one server too many', as: 'server', body: { ...report, name: 'vpn-65' } },
      ...{ status: 409, code: 'too_many_servers', given: moreServers },
    },
    {
      ...{ operation: REPORT, name: 'Too often', as: 'server', body: report, status: 429, code: 'too_many_reports' },
      given: reportsUntilRefused,
    },
    { operation: SERVERS, name: 'The newest', as: 'auditor', query: { limit: '1' }, status: 200, keep: 'servers' },
    {
      operation: SERVERS,
      name: 'The next page',
      as: 'auditor',
      query: { limit: '1', cursor: '$servers.next_cursor' },
      status: 200,
    },
  ],
};
