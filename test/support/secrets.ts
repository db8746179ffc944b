import { createPrivateKey } from 'node:crypto';

/** What betrays a secret whichever it is. */
const PATTERNS: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  'an OpenVPN key': /-----BEGIN OpenVPN [A-Za-z0-9 -]*key/i,
  'a JSON web token': /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/,
  'a bearer credential': /\bBearer +[\w.~+/=-]{16,}/i,
};

/** Shorter texts stand in anything. */
const MIN_LENGTH = 12;

/** Secrets that went through the product in a test, to be searched for where none may be. */
export class Secrets {
  private readonly needles = new Map<string, ReadonlySet<string>>();

  /** A secret text: itself, percent-encoded, in hex, and inside anything in base64. */
  add(name: string, secret: string): void {
    if (secret.length < MIN_LENGTH) throw new Error(`${name} is too short to be searched for: ${secret}`);
    this.addBytes(name, Buffer.from(secret, 'utf8'), [secret, encodeURIComponent(secret)]);
  }

  /** A private key in PEM: every line of it, and the secret number inside. */
  addPrivateKey(name: string, pem: string): void {
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    this.addBytes(name, Buffer.from(d, 'base64url'), [d, ...linesOf(pem)]);
  }

  /** An OpenVPN key: every line of it. */
  addKeyFile(name: string, text: string): void {
    this.addBytes(name, Buffer.alloc(0), linesOf(text));
  }

  get count(): number {
    return this.needles.size;
  }

  /** Names of the secrets that stand in a text. */
  foundIn(text: string): string[] {
    // Hex in any case.
    const lower = text.toLowerCase();
    const known = [...this.needles]
      .filter(([, needles]) => [...needles].some((needle) => text.includes(needle) || lower.includes(needle)))
      .map(([name]) => name);
    const patterns = Object.entries(PATTERNS).filter(([, pattern]) => pattern.test(text));
    return [...known, ...patterns.map(([name]) => name)];
  }

  private addBytes(name: string, bytes: Buffer, texts: readonly string[]): void {
    const encoded = bytes.length === 0 ? [] : [bytes.toString('hex'), ...base64Forms(bytes)];
    this.needles.set(name, new Set([...texts, ...encoded].filter((text) => text.length >= MIN_LENGTH)));
  }
}

/** In base64 the same bytes look different by their place modulo 3; the characters that neighbours share are left out. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const [first, end] = [Math.ceil((shift * 4) / 3), Math.floor((padded.length * 8) / 6)];
    return (['base64', 'base64url'] as const).map((encoding) => padded.toString(encoding).slice(first, end));
  });
}

/** Without its first and last line, which all keys share. Lines short of a full one are left out by their length. */
function linesOf(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('-----') && !line.startsWith('#'));
}
