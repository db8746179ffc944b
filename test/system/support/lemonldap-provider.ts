import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../support/eventually';
import { freePorts } from '../../support/free-ports';
import { LoggedProcess } from '../../support/logged-process';
import { LEMONLDAP_PORTAL } from './prerequisites';
import type { RelyingParty } from './relying-party';

/** Browsers hold connections open ahead of need, and each takes a worker. */
const WORKERS = 6;

/** The captcha that it loads by default needs ImageMagick, also where no captcha is shown. */
const APPLICATION = `
package NoCaptcha {
  use Mouse;
  extends 'Lemonldap::NG::Common::Module';
  sub init { 1 }
  $INC{'NoCaptcha.pm'} = __FILE__;
}
use Plack::Builder;
use Plack::App::File;
use Lemonldap::NG::Portal::Main;
builder {
  mount '/static' => Plack::App::File->new(root => '${LEMONLDAP_PORTAL}/htdocs/static')->to_app;
  mount '/javascript' => Plack::App::File->new(root => '/usr/share/javascript')->to_app;
  mount '/' => Lemonldap::NG::Portal::Main->run({});
};
`;

/** What an administrator of the provider may set otherwise. */
export interface LemonldapSettings {
  readonly clientSecret?: string;
  /** The exported variable of the claim `groups`: `groups` as it is by default, `groups;string;never` for one text. */
  readonly groupsVariable?: string;
}

/** LemonLDAP::NG as Debian has it, under plackup with Starman, with its demonstration users: the password is the name. */
export class LemonldapProvider {
  private readonly keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  private process: LoggedProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly relyingParty: RelyingParty,
  ) {}

  static async start(relyingParty: RelyingParty): Promise<LemonldapProvider> {
    const folder = mkdtempSync(join(tmpdir(), 'ovpn-lemonldap-'));
    const [port = 0] = await freePorts(1);
    const provider = new LemonldapProvider(folder, port, relyingParty);
    try {
      for (const name of ['conf', 'sessions/lock', 'psessions/lock'])
        mkdirSync(join(folder, name), { recursive: true });
      await provider.restart({});
      return provider;
    } catch (error) {
      await provider.stop();
      throw error;
    }
  }

  /** With the slash at the end that it writes itself. */
  get issuer(): string {
    return `http://localhost:${String(this.port)}/`;
  }

  /** With other settings; those who are signed in stay so. */
  async restart(settings: LemonldapSettings): Promise<void> {
    await this.process?.stop();
    this.write('app.psgi', APPLICATION);
    this.write('lemonldap-ng.ini', this.iniFile());
    this.write('conf/lmConf-1.json', JSON.stringify(this.configuration(settings)));
    const listener = ['--host', '127.0.0.1', '--port', String(this.port), '--workers', String(WORKERS)];
    const args = ['-s', 'Starman', '-E', 'deployment', ...listener, join(this.folder, 'app.psgi')];
    const env = { ...process.env, LLNG_DEFAULTCONFFILE: join(this.folder, 'lemonldap-ng.ini') };
    this.process = LoggedProcess.start('lemonldap-ng', 'plackup', args, { cwd: this.folder, env });
    await eventually(() => this.answers(), 30_000);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    const response = await fetch(`${this.issuer}.well-known/openid-configuration`).catch(() => undefined);
    return response?.ok === true;
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 });
  }

  private iniFile(): string {
    const log = 'logger = Lemonldap::NG::Common::Logger::Std\nuserLogger = Lemonldap::NG::Common::Logger::Std';
    const conf = `type = File\ndirName = ${join(this.folder, 'conf')}`;
    const portal = `staticPrefix = /static\ntemplateDir = ${LEMONLDAP_PORTAL}/templates\nlanguages = en`;
    return `[all]\nlogLevel = warn\n${log}\n[configuration]\n${conf}\n[portal]\n${portal}\n[handler]\n`;
  }

  private configuration(settings: LemonldapSettings): Readonly<Record<string, unknown>> {
    return {
      cfgNum: 1,
      cfgDate: 1_700_000_000,
      cfgVersion: '2.16.1',
      portal: this.issuer,
      domain: 'localhost',
      cookieName: 'lemonldap',
      securedCookie: 0,
      captcha: 'NoCaptcha',
      authentication: 'Demo',
      userDB: 'Same',
      passwordDB: 'Null',
      registerDB: 'Null',
      demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
      locationRules: { localhost: { default: 'accept' } },
      exportedHeaders: { localhost: {} },
      whatToTrace: '_whatToTrace',
      macros: { _whatToTrace: '$_user' },
      ...this.storage(),
      ...this.openidConnect(settings),
    };
  }

  private storage(): Readonly<Record<string, unknown>> {
    const files = (name: string) => ({
      Directory: join(this.folder, name),
      LockDirectory: join(this.folder, name, 'lock'),
    });
    return {
      globalStorage: 'Apache::Session::File',
      globalStorageOptions: files('sessions'),
      persistentStorage: 'Apache::Session::File',
      persistentStorageOptions: files('psessions'),
      localSessionStorage: '',
    };
  }

  private openidConnect({
    clientSecret,
    groupsVariable = 'groups',
  }: LemonldapSettings): Readonly<Record<string, unknown>> {
    const { relyingParty } = this;
    const options = {
      ClientID: relyingParty.clientId,
      ClientSecret: clientSecret ?? relyingParty.clientSecret,
      RedirectUris: relyingParty.redirectUri,
      PostLogoutRedirectUris: relyingParty.postLogoutRedirectUri,
      IDTokenSignAlg: 'RS256',
      RequirePKCE: 1,
      UserIDAttr: 'uid',
    };
    const named = Object.entries(options).map(([name, value]) => [`oidcRPMetaDataOptions${name}`, value]);
    return {
      issuerDBOpenIDConnectActivation: 1,
      oidcServiceMetaDataIssuer: this.issuer,
      oidcServiceKeyIdSig: 'signing-key',
      oidcServicePrivateKeySig: this.keys.privateKey,
      oidcServicePublicKeySig: this.keys.publicKey,
      oidcRPMetaDataOptions: { product: Object.fromEntries(named) },
      oidcRPMetaDataExportedVars: { product: { name: 'cn', email: 'mail', groups: groupsVariable } },
      oidcRPMetaDataOptionsExtraClaims: { product: { groups: 'groups' } },
    };
  }
}
