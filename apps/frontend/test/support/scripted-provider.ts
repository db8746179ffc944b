import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type MakeIdToken = (claims: JWTPayload) => Promise<string> | string;

/** An identity provider without a person: it signs everybody in as Alice, and sends what the test tells it to. */
export class ScriptedProvider {
  issuer = '';
  idToken: MakeIdToken = (claims) => this.sign(claims);
  userinfo: Readonly<Record<string, unknown>> = {};
  tokenStatus = 200;
  /** Undefined: the provider has no place to sign out. */
  endSessionEndpoint: string | undefined;
  /** The provider's session, which ID tokens name when there is one. */
  sid: string | undefined;
  keyFetches = 0;

  private server: Server = createServer();
  private port = 0;
  private key: { readonly id: string; readonly secret: CryptoKey; readonly public: JWK } | undefined;
  private readonly nonces = new Map<string, string>();

  private constructor(private readonly clientId: string) {}

  static async start(clientId: string): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider(clientId);
    await provider.rotateKey();
    await provider.reopen();
    return provider;
  }

  reset(): void {
    this.idToken = (claims) => this.sign(claims);
    this.userinfo = {};
    this.tokenStatus = 200;
    this.sid = undefined;
  }

  async reopen(): Promise<void> {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    this.issuer = `http://localhost:${String(this.port)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async rotateKey(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const id = randomBytes(4).toString('hex');
    this.key = { id, secret: privateKey, public: { ...(await exportJWK(publicKey)), kid: id, alg: 'ES256' } };
  }

  async sign(claims: JWTPayload, secret?: CryptoKey, kid?: string): Promise<string> {
    if (!this.key) throw new Error('no key');
    const header = { alg: 'ES256', kid: kid ?? this.key.id };
    return new SignJWT(claims).setProtectedHeader(header).sign(secret ?? this.key.secret);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.issuer);
    switch (url.pathname.replace('//', '/')) {
      case '/.well-known/openid-configuration':
        json(response, 200, this.discovery());
        return;
      case '/jwks':
        this.keyFetches += 1;
        json(response, 200, { keys: [this.key?.public] });
        return;
      case '/authorize':
        this.authorize(url.searchParams, response);
        return;
      case '/token':
        await this.token(request, response);
        return;
      default:
        json(response, 200, this.userinfo);
    }
  }

  private discovery(): object {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/userinfo`,
      end_session_endpoint: this.endSessionEndpoint,
    };
  }

  private authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomBytes(8).toString('hex');
    this.nonces.set(code, query.get('nonce') ?? '');
    const target = new URL(query.get('redirect_uri') ?? '');
    target.search = new URLSearchParams({ code, state: query.get('state') ?? '' }).toString();
    response.writeHead(302, { location: target.href }).end();
  }

  private async token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let form = '';
    for await (const chunk of request) form += String(chunk);
    if (this.tokenStatus !== 200) {
      json(response, this.tokenStatus, { error: 'invalid_client' });
      return;
    }
    const iat = Math.floor(Date.now() / 1000);
    const nonce = this.nonces.get(new URLSearchParams(form).get('code') ?? '');
    const person = { sub: 'alice', name: 'Alice', email: 'alice@example.org', groups: ['vpn-users'] };
    const { sid } = this;
    const claims: JWTPayload = { sid, iss: this.issuer, aud: this.clientId, exp: iat + 300, iat, nonce, ...person };
    json(response, 200, { token_type: 'Bearer', access_token: 'access', id_token: await this.idToken(claims) });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
