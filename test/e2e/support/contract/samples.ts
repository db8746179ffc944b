import { createHash } from 'node:crypto';
import { SampleTimes } from './sample-times';

/** What depends on how much a log has seen so far, by the member's name. */
const NUMBERS = new Map<string, number>(
  Object.entries({
    ...{
      index: 1041,
      indexes: 1041,
      log_index: 1041,
      first_index: 1041,
      last_index: 1043,
      size: 1044,
      log_size: 1044,
      next_since: 1044,
    },
    ...{ sequence: 1044, since: 1040, number: 57, crl_number: 57, from: 1000, to: 1044, retry_after_seconds: 5 },
    ...{ active_certificates: 214, share_percent: 1, certificates: 240, issued: 3, revoked: 1 },
    ...{ user: 180, computer: 48, server: 12, valid: 214, expired: 17, version: 4 },
    ...{ seconds: 7, revocations: 3, revoked_certificates: 23, days_until_lock_out: 6.99 },
  }),
);

/** What depends on who asks from where, by the member's or header's name. */
const TEXTS = new Map<string, string>(
  Object.entries({
    ...{ csrf_token: 'EXAMPLE-not-a-secret-EXAMPLE-not-a-secret-E', client_address: '203.0.113.7' },
    ...{
      user_agent: 'ovpn-config/1.0',
      cursor: 'MTc3MjQ0MjAwMDAwMDpleGFtcGxl',
      next_cursor: 'MTc3MjQ0MjAwMDAwMDpleGFtcGxl',
    },
    ...{
      etag: '"4"',
      'if-match': '"4"',
      'if-none-match': '"4"',
      'retry-after': '5',
      'vpn-session-token': 'e'.repeat(64),
    },
  }),
);

const NO_SECRET = 'EXAMPLE-not-a-secret-EXAMPLE-not-a-secret-E';
const PEM = /-----BEGIN ([A-Za-z0-9 -]+)-----\n[\s\S]+?-----END \1-----/g;
const HASHES_OF_PROOF = /((?:# )?index \d+\n)(?:(?:# )?[A-Za-z0-9+/]{43}=\n)+/g;

/** Where a long line goes on in comments of a profile. */
const FOLD = /\n# {2}(?=\S)/g;

type Replace = (match: string, ...groups: string[]) => string;

/**
 * Puts in the place of what is different on each run a sample of the same form that is the same on each: what is one value in one place
 * is the same sample everywhere. No sample is a secret.
 */
export class Samples {
  private readonly known = new Map<string, string>();
  private readonly kept: string[] = [];
  private readonly times: SampleTimes;
  private place = '';

  /** @param startMs before the first request */
  constructor(
    private readonly identityProviderUrl: string,
    startMs: number,
  ) {
    this.times = new SampleTimes(startMs);
  }

  /** Parts of this text are the same on each run: they stay what they are, wherever they stand. */
  keep(text: string): void {
    this.kept.push(text);
  }

  /**
   * @param place where the value stands, which is what makes samples of its parts differ from others
   * @param name of the member or header that has the value
   */
  of<T>(value: T, place: string, name = ''): T {
    return this.member(name, value, place) as T;
  }

  private member(name: string, value: unknown, place: string): unknown {
    this.place = place;
    if (value === '' || value === null) return value;
    if (typeof value === 'number') return NUMBERS.get(name) ?? value;
    if (typeof value === 'string') return this.textOf(name, value);
    if (name === 'hashes' && Array.isArray(value)) return this.hashes();
    if (Array.isArray(value)) return value.map((item, at) => this.member(name, item, `${place}/${String(at)}`));
    if (typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([inner, item]) => [inner, this.member(inner, item, `${place}/${inner}`)]),
    );
  }

  private textOf(name: string, value: string): string {
    return TEXTS.get(name) ?? this.text(value);
  }

  private text(text: string): string {
    const rules: readonly (readonly [RegExp, Replace])[] = [
      [PEM, (pem, label) => this.pem(pem, label)],
      [/\b(ov(?:psk|api))_([0-9a-f]{16})_[\w-]{43}/g, (_, kind, id) => `${kind}_${this.hex(id)}_${NO_SECRET}`],
      [/\b(ov(?:dl|at|dc))_[\w-]{43}/g, (_, kind) => `${kind}_${NO_SECRET}`],
      [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (uuid) => this.uuid(uuid)],
      [/\b\d+\.\d+\.\d+\.(?=[0-9a-f]{64}\b)/g, () => '1044.3.1043.'],
      [/\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{16})\b/g, (hex) => this.hex(hex)],
      [/\b[0-9A-F]{40}\b/g, (serial) => `0${this.hex(serial).toUpperCase().slice(1)}`],
      [/\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\b/g, () => 'WDJB-MJHT'],
      [/\bcursor=[\w%.-]+/g, () => `cursor=${TEXTS.get('cursor') ?? ''}`],
      [HASHES_OF_PROOF, (proof, index) => this.proof(proof, index)],
      [/^(extends \d+) .*$/gm, (_, extended) => `${extended} ${this.hashes().join(' ')}`],
      [/^tree \d+|\bnext \d+/gm, (part) => part.replace(/\d+/, String(NUMBERS.get('size')))],
      [/^\d+(?= [0-9A-F]{40} )/gm, () => String(NUMBERS.get('index'))],
      [/(?<![\w+/])(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{60,}={0,2})/g, (base64) => this.opaque(base64)],
      [/(?<=\n(?:# )?(?:index )?)\d+(?=\n)/g, () => String(NUMBERS.get('size'))],
    ];
    const withoutAddresses = text
      .replace(FOLD, '')
      .replaceAll(this.identityProviderUrl, 'https://login.example.org')
      .replace(/http:\/\/(?:localhost|127\.0\.0\.1):\d+/g, 'https://vpn.example.org');
    return this.times.in(
      rules.reduce((sampled, [pattern, replace]) => sampled.replace(pattern, replace), withoutAddresses),
    );
  }

  private pem(pem: string, label: string): string {
    const body = / KEY|Static key|tls-crypt/i.test(label)
      ? Buffer.from('This is an example, and no key.').toString('base64')
      : this.remembered(pem, (place) => `MIIB${this.base64(place, 45)}`);
    return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
  }

  private proof(proof: string, index: string): string {
    const comment = index.startsWith('#') ? '# ' : '';
    const lines = this.hashes().map((hash) => `${comment}${hash}\n`);
    return `${proof.slice(0, index.length)}${lines.join('')}`;
  }

  /** Of a proof, which has more of them in a larger log. */
  private hashes(): readonly string[] {
    return [0, 1].map((at) => this.base64(`${this.place} proof ${String(at)}`, 32));
  }

  private opaque(base64: string): string {
    // A path has the same characters.
    if (/^\/(api|tile)\//.test(base64)) return base64;
    return this.remembered(base64, (place) => this.base64(place, base64.length === 44 ? 32 : 45));
  }

  private uuid(uuid: string): string {
    return this.remembered(uuid, (place) => {
      const hex = digest(place);
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        `8${hex.slice(17, 20)}`,
        hex.slice(20, 32),
      ].join('-');
    });
  }

  private hex(value: string): string {
    return this.remembered(value, (place) => digest(place).slice(0, value.length));
  }

  private base64(place: string, bytes: number): string {
    return Buffer.from(digest(place).repeat(2), 'hex').subarray(0, bytes).toString('base64');
  }

  /** A value is named after where it was seen first, so that another value beside it changes nothing. */
  private remembered(value: string, make: (place: string) => string): string {
    if (this.kept.some((text) => text.includes(value))) return value;
    let sample = this.known.get(value);
    for (let attempt = 0; sample === undefined; attempt += 1) {
      const made = make(`${this.place} ${String(attempt)}`);
      if (![...this.known.values()].includes(made)) sample = made;
    }
    this.known.set(value, sample);
    // What is a sample already, in a text that is looked at again, stays as it is.
    this.known.set(sample, sample);
    return sample;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
