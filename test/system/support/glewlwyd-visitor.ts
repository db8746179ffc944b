import { type APIRequestContext, type APIResponse, request } from 'playwright-core';
import type { GlewlwydProvider, GlewlwydUser } from './glewlwyd-provider';

/** A person at the product and at Glewlwyd, with the cookies of both, who does what Glewlwyd's pages would do for them. */
export class GlewlwydVisitor {
  private constructor(
    private readonly http: APIRequestContext,
    private readonly provider: GlewlwydProvider,
    private readonly frontendUrl: string,
  ) {}

  static async arrive(provider: GlewlwydProvider, frontendUrl: string): Promise<GlewlwydVisitor> {
    return new GlewlwydVisitor(await request.newContext(), provider, frontendUrl);
  }

  /** Answers what the product says in the end. */
  async signIn({ username, password }: GlewlwydUser): Promise<APIResponse> {
    const asked = await this.http.get(`${this.frontendUrl}/auth/login`);
    const page = new URL(asked.url()).searchParams;
    await this.http.post(`${this.provider.url}/api/auth`, { data: { username, password } });
    await this.http.put(`${this.provider.url}/api/auth/grant/${page.get('client_id') ?? ''}`, {
      data: { scope: 'openid' },
    });
    return this.http.get(`${page.get('callback_url') ?? ''}&g_continue`);
  }

  me(): Promise<APIResponse> {
    return this.http.get(`${this.frontendUrl}/api/v1/me`);
  }

  /** Answers the parameters of the page that Glewlwyd asks on. */
  async signOut(): Promise<URLSearchParams> {
    const { csrf_token } = (await (await this.me()).json()) as { readonly csrf_token: string };
    const asked = await this.http.post(`${this.frontendUrl}/auth/logout`, { form: { _csrf: csrf_token } });
    return new URL(asked.url()).searchParams;
  }

  /** Ends the session at Glewlwyd, and with it those at its clients. */
  async endSession(): Promise<void> {
    const { cookies } = await this.http.storageState();
    const sid = cookies.find(({ name }) => name === 'GLEWLWYD2_OIDC_SID')?.value ?? '';
    await this.http.delete(`${this.provider.issuer}/session/${sid}/`);
    await this.http.delete(`${this.provider.url}/api/auth`);
  }

  leave(): Promise<void> {
    return this.http.dispose();
  }
}
