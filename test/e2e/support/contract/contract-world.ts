import type { DevelopmentAccount } from '@libs/development';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { frontendDataSourceOptions } from '../../../../apps/frontend/src/database/data-source-options';
import { TestProduct } from '../test-product';
import { Callers } from './callers';
import { newCsrs } from './csrs';
import { type ContractCase, type GivenWorld, PEOPLE, type Person, type Service } from './contract-case';
import { exchange, type Exchange } from './exchange';
import { KeptAnswers } from './kept-answers';
import { Replicas } from './replicas';
import { without } from './without';

const NAMES: Readonly<Record<Person, string>> = {
  nobody: 'Nils Nobody',
  user: 'Uma User',
  auditor: 'Otto Auditor',
  certificate_administrator: 'Cora Certificates',
  system_administrator: 'Sven Systems',
  admin: 'Ada Admin',
};

const VARIABLES = {
  ROLE_USER_GROUPS: 'user',
  ROLE_AUDITOR_GROUPS: 'auditor',
  ROLE_CERTIFICATE_ADMINISTRATOR_GROUPS: 'certificate_administrator',
  ROLE_SYSTEM_ADMINISTRATOR_GROUPS: 'system_administrator',
  ROLE_SERVICE_ADMINISTRATOR_GROUPS: 'admin',
  CT_ERASER_KEYS: 'key-of-whoever-may-erase-contexts-000000',
  // Cases come faster than people do; the replica that is limited has limits of its own.
  FRONTEND_FAILED_CREDENTIALS_PER_MINUTE: '0',
  FRONTEND_CERTIFICATES_PER_MINUTE: '0',
  FRONTEND_DEVICE_LOGINS_PER_MINUTE: '0',
};

/** RFC 7636, appendix B. */
const CODE_VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const DAY_MS = 86_400_000;

/**
 * The whole product, and everybody who asks it for something. It keeps for cases `$time.tomorrow` and `$time.now`, the requests of
 * {@link newCsrs} (`$ownKey.csr`), `$proof.verifier` and `$proof.challenge` (RFC 7636), and each person who has signed in: `$user.id`.
 */
export class ContractWorld implements GivenWorld {
  private readonly kept = new KeptAnswers();
  private readonly callers: Callers;
  private readonly replicas: Replicas;

  private constructor(
    private readonly product: TestProduct,
    private readonly database: DataSource,
  ) {
    this.callers = new Callers(product, this.kept);
    this.replicas = new Replicas(product);
  }

  static async start(): Promise<ContractWorld> {
    const product = await TestProduct.start(PEOPLE.map(accountOf), VARIABLES);
    const database = new DataSource(frontendDataSourceOptions(product.frontendConfig));
    await database.initialize();
    const world = new ContractWorld(product, database);
    for (const [name, members] of Object.entries(await newCsrs())) world.keep(name, members);
    const now = Date.now();
    world.keep('time', { now: new Date(now).toISOString(), tomorrow: new Date(now + DAY_MS).toISOString() });
    const challenge = createHash('sha256').update(CODE_VERIFIER).digest('base64url');
    world.keep('proof', { verifier: CODE_VERIFIER, challenge });
    return world;
  }

  get identityProviderUrl(): string {
    return this.product.variables['OIDC_ISSUER'] ?? '';
  }

  async stop(): Promise<void> {
    await this.replicas.stop();
    await this.database.destroy();
    await this.product.close();
  }

  async send(service: Service, promised: ContractCase): Promise<Exchange> {
    const { given, afterwards, ...data } = promised;
    await given?.(this, promised);
    const credential = await this.callers.credentialOf(promised.as ?? 'anonymous');
    const sent = await exchange(await this.urlOf(service, promised), this.kept.resolve(data), credential);
    const made = { ...sent, promised };
    if (promised.keep !== undefined) this.keep(promised.keep, keptOf(made));
    await afterwards?.(this);
    return made;
  }

  readonly keep: GivenWorld['keep'] = (name, members) => {
    this.kept.keep(name, members);
  };

  readonly resolve: GivenWorld['resolve'] = (value) => this.kept.resolve(value);

  readonly ask: GivenWorld['ask'] = async ({ service = 'frontend', ...request }) => {
    const alone = without(request, 'given', 'afterwards');
    const { answer } = await this.send(service, { name: 'preparation', status: 200, ...alone });
    if (answer.status >= 400) throw new Error(`${request.operation} answered ${JSON.stringify(answer.body)}`);
  };

  readonly meet: GivenWorld['meet'] = async (person) => {
    await this.callers.signInAnew(person);
  };

  readonly submit: GivenWorld['submit'] = async (person, path, form) => {
    const { browser, csrfToken } = await this.callers.session(person);
    const fields = { ...this.resolve(form), _csrf: csrfToken };
    const { status, body } = await browser.post(`${this.product.frontendUrl}${path}`, fields);
    if (status >= 300) throw new Error(`${path} answered ${String(status)} ${body}`);
  };

  readonly logInProgram: GivenWorld['logInProgram'] = async (name) => {
    this.keep(name, { code: await this.callers.newProgramCode() });
  };

  readonly change: GivenWorld['change'] = async (statement) => {
    await this.database.query(statement);
  };

  private urlOf(service: Service, { at }: ContractCase): Promise<string> | string {
    if (at !== undefined) return this.replicas.url(service, at);
    if (service === 'frontend') return this.product.frontendUrl;
    const { listener } = service === 'signing' ? this.product.signingConfig : this.product.logConfig;
    return `http://127.0.0.1:${String(listener.port)}`;
  }
}

function accountOf(username: Person): DevelopmentAccount {
  const name = NAMES[username];
  const email = `${name.split(' ')[0]?.toLowerCase() ?? ''}@example.org`;
  return { username, password: username, name, email, groups: [username], hint: '' };
}

/** The members of a JSON object and the headers; of another body the text. */
function keptOf({ answer: { body, headers } }: Exchange): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? { ...headers, ...body } : { ...headers, text: body };
}
