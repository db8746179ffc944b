/** The part of passport-openidconnect 0.1 that OidcStrategy builds on; the package ships no types. */
declare module 'passport-openidconnect' {
  export interface StateContext {
    readonly nonce?: string;
  }

  export type StoreCallback = (error: Error | null, handle?: string) => void;
  export type VerifyStateCallback = (error: Error | null, context?: StateContext | false, state?: unknown) => void;

  /** Where `state` is kept between the two halves of a login. */
  export interface StateStore {
    store(request: unknown, context: StateContext, appState: unknown, meta: unknown, done: StoreCallback): void;
    verify(request: unknown, handle: string, done: VerifyStateCallback): void;
  }

  export interface StrategyOptions {
    readonly issuer: string;
    readonly authorizationURL: string;
    readonly tokenURL: string;
    readonly clientID: string;
    readonly clientSecret?: string;
    readonly callbackURL: string;
    readonly scope: readonly string[];
    readonly store: StateStore;
    readonly skipUserProfile: boolean;
  }

  export type TokenCallback = (
    error: Error | null,
    accessToken?: string,
    refreshToken?: string,
    parameters?: Readonly<Record<string, unknown>>,
  ) => void;

  /** Eight parameters make the strategy hand over the token response as the seventh. */
  export type Verify = (
    issuer: string,
    profile: unknown,
    context: unknown,
    idToken: string,
    accessToken: string,
    refreshToken: string | undefined,
    parameters: Readonly<Record<string, unknown>>,
    done: (error: Error | null, user?: unknown) => void,
  ) => void;

  export class Strategy {
    constructor(options: StrategyOptions, verify: Verify);
    /** Documented by the package as open to subclasses. */
    protected _oauth2: {
      getOAuthAccessToken(code: string, parameters: Readonly<Record<string, string>>, done: TokenCallback): void;
    };
    authenticate(request: { readonly query: Readonly<Record<string, string>> }): void;
    authorizationParams(): Readonly<Record<string, string>>;
    /** The four outcomes, set by whoever runs the strategy. */
    success(user: unknown): void;
    fail(challenge: { readonly message?: string } | undefined, status?: number): void;
    redirect(url: string): void;
    error(error: Error): void;
  }
}
