import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** However many tokens name unknown keys: the set is fetched again for them no more often than this. */
const REFETCH_EVERY_MS = 3_000;

/**
 * The provider's key set, kept for ten minutes. A token that names an unknown key has it fetched again at once, so that a
 * change of keys is never noticed; only then a pause begins, in which unknown keys stay unknown.
 */
export class ProviderKeys {
  private readonly keySet: ReturnType<typeof createRemoteJWKSet>;
  private refetchedAt = Number.NEGATIVE_INFINITY;
  private refetching: Promise<void> | undefined;

  constructor(uri: string, timeoutMs: number) {
    // The library's own pause would begin with the first fetch: a key that changed just after it would be refused.
    this.keySet = createRemoteJWKSet(new URL(uri), {
      timeoutDuration: timeoutMs,
      cooldownDuration: Number.POSITIVE_INFINITY,
    });
  }

  /** For jose: the key that a token's header names. */
  readonly resolve: JWTVerifyGetKey = async (header, token) => {
    try {
      return await this.keySet(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.refetch())) throw error;
      return this.keySet(header, token);
    }
  };

  /** @returns false during the pause */
  private async refetch(): Promise<boolean> {
    if (this.refetching === undefined) {
      if (performance.now() - this.refetchedAt < REFETCH_EVERY_MS) return false;
      this.refetching = this.keySet.reload().finally(() => {
        this.refetchedAt = performance.now();
        this.refetching = undefined;
      });
    }
    await this.refetching;
    return true;
  }
}
