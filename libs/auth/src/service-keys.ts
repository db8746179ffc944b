import { createHash, timingSafeEqual } from 'node:crypto';

/** Accepted keys by name of the calling service: several at once while a key is being rotated. */
export type ServiceKeys = Readonly<Record<string, readonly string[]>>;

/** Below this a static key could be guessed. */
export const MIN_SERVICE_KEY_LENGTH = 32;

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();

/**
 * The keys that one service accepts from others.
 *
 * Refuses to be built from a key shorter than MIN_SERVICE_KEY_LENGTH, or from one key that two callers share:
 * each pair of services has its own. No message contains a key.
 */
export class ServiceKeyRing {
  private readonly accepted: readonly { readonly caller: string; readonly digest: Buffer }[];

  constructor(keys: ServiceKeys) {
    this.accepted = Object.entries(keys).flatMap(([caller, list]) =>
      list.map((key) => {
        if (key.length < MIN_SERVICE_KEY_LENGTH) {
          throw new Error(`a service key of "${caller}" is shorter than ${MIN_SERVICE_KEY_LENGTH} characters`);
        }
        return { caller, digest: digest(key) };
      }),
    );
    const owners = new Map<string, string>();
    for (const entry of this.accepted) {
      const hex = entry.digest.toString('hex');
      const other = owners.get(hex);
      if (other !== undefined && other !== entry.caller) {
        throw new Error(`"${other}" and "${entry.caller}" share a service key`);
      }
      owners.set(hex, entry.caller);
    }
  }

  /**
   * The service that an Authorization header belongs to. Both sides are hashed and every key is compared,
   * so the time taken tells nothing about a key or its position.
   */
  callerOf(authorization: string | undefined): string | undefined {
    const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
    const presented = digest(token ?? '');
    let caller: string | undefined;
    for (const entry of this.accepted) {
      if (timingSafeEqual(entry.digest, presented)) caller = entry.caller;
    }
    return token === undefined ? undefined : caller;
  }
}
