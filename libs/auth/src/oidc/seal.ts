import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals texts for cookies with AES-256-GCM under keys derived from the service's secrets: the browser can neither read nor
 * alter one, nor pass one off for another purpose or label.
 */
export class Seal {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  /** @param secrets the first seals, each of them opens */
  constructor([first, ...others]: readonly [string, ...string[]], purpose: string) {
    const derive = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
    this.keys = [derive(first), ...others.map(derive)];
  }

  seal(text: string, label: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys[0], nonce);
    cipher.setAAD(Buffer.from(label));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** What was sealed under this label; undefined for anything that this service did not seal under it. */
  open(sealed: string, label: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    for (const key of this.keys) {
      const text = decrypt(key, bytes, label);
      if (text !== undefined) return text;
    }
    return undefined;
  }
}

function decrypt(key: Buffer, bytes: Buffer, label: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(label));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
