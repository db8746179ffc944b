import type { KeyObject } from 'node:crypto';

/** Somebody asked for the bytes of a key that does nothing but sign. */
export class KeyNotExportable extends Error {
  override readonly name = 'KeyNotExportable';

  constructor() {
    super('this key is for signing: it cannot be exported');
  }
}

/**
 * Takes `export` away from a key object, for as long as it lives. What remains is as much as a CryptoKey that is not extractable has,
 * from which Node makes an exportable key object as well, and signs in half the time (decision 11).
 */
export function unexportable(key: KeyObject): KeyObject {
  const refuse = (): never => {
    throw new KeyNotExportable();
  };
  return Object.defineProperty(key, 'export', { value: refuse, writable: false, configurable: false });
}
