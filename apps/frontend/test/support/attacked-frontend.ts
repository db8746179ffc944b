import { ROLES } from '@libs/auth';
import type { TestDatabaseKind } from '@libs/testing';
import { randomUUID } from 'node:crypto';
import { DownloadTokensService } from '../../src/download-tokens/download-tokens.service';
import { hashSecret } from '../../src/credentials/secret';
import { Psk, type PskKind } from '../../src/psks/psk.entity';
import { newPskSecret } from '../../src/psks/psk-secret';
import { Settings } from '../../src/settings/settings.service';
import type { SoundRequest } from '../../../../test/support/hostile/attacks';
import { addApiToken } from './api-tokens';
import { type Caller, ROUTE_TABLE } from './route-table';
import { addPerson, addSession, type SignedIn, signedInAs } from './signed-in';
import { startSurroundedFrontend, type SurroundedFrontend } from './surrounded-frontend';

const ROLE_GROUPS = Object.fromEntries(ROLES.map((role) => [`ROLE_${role.toUpperCase()}_GROUPS`, role]));
/** These end the session that they are called with. */
const ENDS_SESSION = /^(DELETE .*\/sessions|POST \/auth\/logout)/;
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
const SHA256 = 'ab'.repeat(32);

/** Bodies that routes accept, of those that do not accept an empty one. */
const SOUND_BODIES: Readonly<Record<string, object>> = {
  'POST /api/v1/admin/psks': { kind: 'computer', common_name: 'kiosk' },
  'POST /api/v1/admin/api-tokens': { name: 'job', scopes: ['psks:read'], expires_at: TOMORROW },
  'POST /api/v1/admin/psks/:id/revocation': { revoke_certificates: true, reason: 'superseded' },
  'POST /api/v1/admin/certificates/:fingerprint/revocation': { reason: 'superseded' },
  'POST /api/v1/token': { grant_type: 'authorization_code', code: 'x', code_verifier: 'v'.repeat(43) },
  'PATCH /api/v1/admin/users/:id': { disabled: false },
  'POST /device': { user_code: 'BCDF-GHJK', decision: 'approved' },
  'POST /auth/cli-login': { cli_port: '5000' },
  'POST /auth/backchannel-logout': { logout_token: 'x.y.z' },
  'POST /api/v1/servers/report': {
    ...{ name: 'vpn-1', agent_version: '1.0.0', sequence: 1, log_size: 1, crls: [{ issuer: SHA256, number: 7 }] },
    ...{ management: 'connected', sessions: 3, sessions_cut: 1, problems: ['crl_lags'], page_issued_at: TOMORROW },
  },
};

const SOUND_QUERIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'GET /auth/login': { next: '/device' },
  'GET /auth/cli-login': { cli_port: '5000', code_challenge: 'c'.repeat(43), state: 'state-of-the-program' },
  'GET /device': { user_code: 'BCDF-GHJK' },
};

/** The frontend with an identity provider, fakes of the other services, and something of everything that a request can name. */
export class AttackedFrontend {
  private readonly people = new Map<Caller, SignedIn>();
  private readonly psks = new Map<string, { readonly id: string; readonly secret: string }>();
  private named: Readonly<Record<string, string>> = {};

  private constructor(private readonly frontend: SurroundedFrontend) {}

  static async start(database: TestDatabaseKind): Promise<AttackedFrontend> {
    const variables = { ...ROLE_GROUPS, FRONTEND_LOG_LEVEL: 'error' };
    const attacked = new AttackedFrontend(await startSurroundedFrontend(database, variables));
    await attacked.populate();
    return attacked;
  }

  get app() {
    return this.frontend.app;
  }

  get dataSource() {
    return this.frontend.dataSource;
  }

  get services() {
    return this.frontend.services;
  }

  get clock() {
    return this.frontend.clock;
  }

  get url(): string {
    return this.frontend.url;
  }

  /** Where a browser may be led besides the frontend's own pages: to the provider, to a program, to OpenVPN Connect. */
  get redirects(): readonly RegExp[] {
    return [
      new RegExp(`^${this.frontend.provider.issuer}/authorize\\?`),
      new RegExp(`^${this.url}/auth/login\\?`),
      /^http:\/\/localhost:\d{4,5}\?token=ovdl_[\w-]{43}(&state=[\w.~-]+)?$/,
      new RegExp(`^openvpn://import-profile/${this.url}/download/ovdl_[\\w-]{43}$`),
    ];
  }

  /** A request that the route would carry out. @param signedIn with the role that it wants */
  async sound(route: string, signedIn: boolean): Promise<SoundRequest> {
    const caller = ROUTE_TABLE[route] ?? 'service_administrator';
    const token = route.includes('/download') && signedIn ? await this.downloadToken() : 'ovdl_unknown';
    return {
      path: { ...this.named, ...this.nameOfId(route), token },
      query: SOUND_QUERIES[route] ?? {},
      headers: { accept: 'application/json', ...(signedIn ? await this.credential(route, caller) : {}) },
      body: SOUND_BODIES[route] ?? (route === 'POST /download' ? { token } : this.bulkBody(route)),
    };
  }

  async close(): Promise<void> {
    await this.frontend.close();
  }

  private async populate(): Promise<void> {
    for (const kind of ['server', 'computer'] as const) this.psks.set(kind, await this.addPsk(kind));
    const { id: psk } = await this.addPsk('computer');
    const { headers } = await this.person('user');
    const issued = await fetch(`${this.url}/api/v1/profiles`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{}',
    });
    const fingerprint = issued.headers.get('certificate-fingerprint') ?? '';
    const { userId } = await this.person('service_administrator');
    const { id: apiToken } = await addApiToken(this.dataSource, userId, ['psks:read']);
    const bystander = await addPerson(this.dataSource, []);
    const { sessionId: session } = await addSession(this.dataSource, bystander);
    this.named = { fingerprint, session, name: 'x', apiToken, bystander, psk };
  }

  private async credential(route: string, caller: Caller): Promise<Readonly<Record<string, string>>> {
    const changes = route.startsWith('PATCH /api/v1/admin/settings')
      ? { 'if-match': await this.settingsVersion() }
      : {};
    if (caller === 'psk') {
      const { secret } = this.psks.get(route.includes('computer') ? 'computer' : 'server') ?? { secret: '' };
      return { authorization: `Bearer ${secret}` };
    }
    const role = caller === 'public' || caller === 'anybody' ? 'user' : caller;
    const person = ENDS_SESSION.test(route) ? await signedInAs(this.dataSource, [role]) : await this.person(role);
    return { ...person.headers, ...changes };
  }

  /** Every change that succeeds makes another. */
  private async settingsVersion(): Promise<string> {
    const { version } = await this.app.get(Settings).read();
    return `"${String(version)}"`;
  }

  private async person(role: Caller): Promise<SignedIn> {
    const person = this.people.get(role) ?? (await signedInAs(this.dataSource, [role]));
    this.people.set(role, person);
    return person;
  }

  private nameOfId(route: string): { readonly id: string } {
    if (route.includes('/psks/')) return { id: this.named['psk'] ?? '' };
    if (route.includes('/api-tokens/')) return { id: this.named['apiToken'] ?? randomUUID() };
    return { id: (route.includes('/users/') ? this.named['bystander'] : undefined) ?? randomUUID() };
  }

  private bulkBody(route: string): object {
    return route === 'POST /api/v1/admin/revocations' ? { user: this.people.get('user')?.userId } : {};
  }

  private async downloadToken(): Promise<string> {
    const { userId } = await this.person('user');
    return (await this.app.get(DownloadTokensService).mint({ userId, groups: ['user'] }, [])).token;
  }

  private async addPsk(kind: PskKind): Promise<{ readonly id: string; readonly secret: string }> {
    const { publicId, secret } = newPskSecret();
    const id = randomUUID();
    const createdBy = await addPerson(this.dataSource, []);
    await this.dataSource.getRepository(Psk).insert({
      ...{ id, publicId, secretHash: hashSecret(secret), kind, commonName: 'vpn.example.org', description: '' },
      ...{ templateSet: kind === 'server' ? 'Default' : 'default', allowedNetworks: [], labels: {}, uses: 0 },
      ...{ expiresAt: null, useLimit: null, lastUsedAt: null, createdAt: new Date(), createdBy },
      ...{ revokedAt: null, revokedBy: null },
    });
    return { id, secret };
  }
}
