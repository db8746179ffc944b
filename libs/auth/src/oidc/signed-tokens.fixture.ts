import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';

export const ISSUER = 'https://login.example.org/tenant';
export const NOW = new Date('2026-01-01T00:00:00Z');

interface SigningChoice {
  readonly key?: CryptoKey;
  readonly typ?: string | undefined;
}

/** A provider that signs whatever it is asked to, and a stranger who would like to be one. */
export class SignedTokens {
  private constructor(
    private readonly trusted: CryptoKey,
    readonly stranger: CryptoKey,
    /** The provider's, as its key document has them. */
    readonly keys: ReturnType<typeof createLocalJWKSet>,
  ) {}

  static async create(): Promise<SignedTokens> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
    return new SignedTokens(privateKey, (await generateKeyPair('ES256')).privateKey, keys);
  }

  sign(claims: Readonly<Record<string, unknown>>, { key = this.trusted, typ }: SigningChoice = {}): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...(typ && { typ }) }).sign(key);
  }
}
