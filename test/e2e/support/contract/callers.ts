import { ApiSession, objectOf } from '../../../support/api-session';
import type { TestProduct } from '../test-product';
import { type Caller, PEOPLE, type Person } from './contract-case';
import type { KeptAnswers } from './kept-answers';

type Headers = Readonly<Record<string, string>>;

/** Where the program waits that a person signs in; nothing listens there. */
const PROGRAM_PORT = '5000';

/** Everybody who asks the product for something, each signed in or given a credential when they first do. */
export class Callers {
  private readonly sessions = new Map<Person, Promise<ApiSession>>();
  private readonly bearers = new Map<Caller, Promise<string>>();

  constructor(
    private readonly product: TestProduct,
    private readonly kept: KeptAnswers,
  ) {}

  /** What makes a request theirs. */
  async credentialOf(caller: Caller): Promise<Headers> {
    if (caller === 'anonymous') return {};
    const person = PEOPLE.find((name) => name === caller || `${name} again` === caller);
    if (person !== undefined) {
      const { browser, csrfToken } = caller === person ? await this.session(person) : await this.signIn(person);
      const cookies = Object.entries(browser.cookies('localhost')).map(([name, value]) => `${name}=${value}`);
      return { cookie: cookies.join('; '), 'x-csrf-token': csrfToken };
    }
    const bearer = this.bearers.get(caller) ?? this.bearerOf(caller);
    this.bearers.set(caller, bearer);
    return { authorization: `Bearer ${await bearer}` };
  }

  /** The one session in which a person usually acts. */
  session(person: Person): Promise<ApiSession> {
    const session = this.sessions.get(person) ?? this.signIn(person);
    this.sessions.set(person, session);
    return session;
  }

  /** From then on the person acts in a new session. */
  async signInAnew(person: Person): Promise<void> {
    const session = this.signIn(person);
    this.sessions.set(person, session);
    await session;
  }

  /** Has the user sign in a program. @returns the code that the program receives */
  async newProgramCode(): Promise<string> {
    const { browser } = await this.session('user');
    const challenge = this.kept.resolve('$proof.challenge');
    const search = new URLSearchParams({ cli_port: PROGRAM_PORT, code_challenge: challenge, state: 'program-1' });
    const isProgram = ({ port }: URL) => port === PROGRAM_PORT;
    const page = await browser.get(`${this.product.frontendUrl}/auth/cli-login?${search.toString()}`, isProgram);
    return new URL(page.headers.get('location') ?? '').searchParams.get('token') ?? '';
  }

  private async signIn(person: Person): Promise<ApiSession> {
    const session = await ApiSession.signIn(this.product.frontendUrl, person);
    this.kept.keep(person, objectOf(await session.get('/api/v1/me')));
    return session;
  }

  private async bearerOf(caller: Caller): Promise<string> {
    const { signingConfig, logConfig } = this.product;
    const keys: Partial<Record<Caller, string | undefined>> = {
      frontend: signingConfig.frontendKeys[0],
      writer: logConfig.writerKeys[0],
      reader: logConfig.readerKeys[0],
      eraser: logConfig.eraserKeys[0],
    };
    return keys[caller] ?? (caller === 'program' ? this.accessToken() : this.secretFor(caller));
  }

  private async accessToken(): Promise<string> {
    const { frontendUrl } = this.product;
    const code_verifier = this.kept.resolve('$proof.verifier');
    const body = { grant_type: 'authorization_code', code: await this.newProgramCode(), code_verifier };
    const response = await fetch(`${frontendUrl}/api/v1/token`, { method: 'POST', body: new URLSearchParams(body) });
    const { access_token } = (await response.json()) as { readonly access_token: string };
    return access_token;
  }

  /** A pre-shared key for a kind of machine, or an API token. */
  private async secretFor(caller: Caller): Promise<string> {
    const admin = await this.session('admin');
    const [, scope] = caller.split(' ');
    const expires_at = this.kept.resolve('$time.tomorrow');
    const made =
      scope === undefined
        ? await admin.post('/api/v1/admin/psks', { kind: caller, common_name: `${caller}.example.org` })
        : await admin.post('/api/v1/admin/api-tokens', { name: `for ${scope}`, scopes: [scope], expires_at });
    return String(objectOf(made)['secret']);
  }
}
