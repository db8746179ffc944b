import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/free-ports';
import { LoggedProcess } from '../../support/logged-process';
import { CLIENT_STORE, clientOf, OPENID_PLUGIN, pluginParameters, USER_STORE } from './glewlwyd-settings';
import { GLEWLWYD } from './prerequisites';
import type { RelyingParty } from './relying-party';

const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
/** As the schema makes it. */
const ADMINISTRATOR = { username: 'admin', password: 'password' };

export interface GlewlwydUser {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly groups: readonly string[];
}

/**
 * Glewlwyd as Debian has it, with SQLite, set up through its own administration API. Its pages are files for a web server
 * before it, and call its API: a GlewlwydVisitor does without them.
 */
export class GlewlwydProvider {
  private process: LoggedProcess | undefined;
  private cookie = '';

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly relyingParty: RelyingParty,
  ) {}

  static async start(relyingParty: RelyingParty, users: readonly GlewlwydUser[]): Promise<GlewlwydProvider> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-glewlwyd-'));
    const [port = 0] = await freePorts(1);
    const provider = new GlewlwydProvider(folder, port, relyingParty);
    try {
      await provider.launch();
      await provider.setUp(users);
      return provider;
    } catch (error) {
      await provider.stop();
      throw error;
    }
  }

  get url(): string {
    return `http://localhost:${String(this.port)}`;
  }

  /** Of its OpenID Connect plugin, below which the discovery document lies. */
  get issuer(): string {
    return `${this.url}/api/${OPENID_PLUGIN}`;
  }

  async replaceClientSecret(clientSecret: string): Promise<void> {
    const client = clientOf({ ...this.relyingParty, clientSecret });
    await this.administer('PUT', `client/${this.relyingParty.clientId}`, client);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async launch(): Promise<void> {
    const database = join(this.folder, 'glewlwyd.db');
    execFileSync('sqlite3', [database], { input: readFileSync(SCHEMA) });
    mkdirSync(join(this.folder, 'none'));
    const configuration = join(this.folder, 'glewlwyd.conf');
    writeFileSync(configuration, this.configuration(database));
    this.process = LoggedProcess.start('glewlwyd', GLEWLWYD, [`--config-file=${configuration}`]);
    await this.process.waitFor('Glewlwyd started on port');
  }

  private configuration(database: string): string {
    const modules = '/usr/lib/glewlwyd';
    const none = join(this.folder, 'none');
    return `
port=${String(this.port)}
bind_address="127.0.0.1"
external_url="${this.url}"
login_url="login.html"
api_prefix="api"
static_files_path="${none}"
log_mode="console"
log_level="INFO"
cookie_domain="localhost"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="${modules}/user"
user_middleware_module_path="${none}"
client_module_path="${modules}/client"
user_auth_scheme_module_path="${modules}/scheme"
plugin_module_path="${modules}/plugin"
hash_algorithm="SHA512"
database = { type = "sqlite3" path = "${database}" };
`;
  }

  private async setUp(users: readonly GlewlwydUser[]): Promise<void> {
    await this.administer('POST', 'auth', ADMINISTRATOR);
    for (const [kind, store] of [
      ['user', USER_STORE],
      ['client', CLIENT_STORE],
    ] as const) {
      await this.administer('PUT', `mod/${kind}/database`, store);
      await this.administer('PUT', `mod/${kind}/database/reset`);
    }
    const key = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    await this.administer('POST', 'mod/plugin', pluginParameters(this.issuer, key));
    await this.administer('POST', 'client', clientOf(this.relyingParty));
    for (const user of users) await this.administer('POST', 'user', { ...user, enabled: true, scope: ['openid'] });
  }

  private async administer(method: 'POST' | 'PUT', path: string, body: object = {}): Promise<void> {
    const headers = { 'content-type': 'application/json', cookie: this.cookie };
    const response = await fetch(`${this.url}/api/${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Glewlwyd answered ${String(response.status)} to ${path}: ${text}`);
    const [cookie = ''] = response.headers.getSetCookie();
    if (cookie !== '') this.cookie = cookie.split(';', 1)[0] ?? '';
  }
}
