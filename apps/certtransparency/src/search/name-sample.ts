import { Clock } from '@libs/http';
import { Injectable } from '@nestjs/common';
import { LogDatabase, safeInteger } from '../database/log-database';
import { INDEXABLE } from './search-rules';

/** What is to be expected of a part of a name. */
export interface NameGuess {
  /** Which of its trigrams to ask for: the whole part, or of a long one the stretch that the fewest names have. */
  readonly key: string;
  /** How many of all certificates have the part in their name: between 0 and 1. */
  readonly share: number;
  /** Of the log. */
  readonly certificates: number;
}

interface NameRow extends Record<string, unknown> {
  readonly idx: string;
  readonly common_name: string;
}

/** So many names at most, taken from the ends of so many parts of the log that are equally long. */
const SIZE = 10_000;
const PARTS = 100;
/** So many characters of them tell well enough which stretch of a part is the rarest. */
const EXCERPT = 30_000;
const MAX_AGE_MS = 60_000;
/** Each trigram costs a look at all that have it, and those of a longer part hardly ever leave fewer names. */
const KEY_LENGTH = 8;

/** The newest first. */
const SAMPLE = `
  SELECT c.idx, c.common_name
  FROM (SELECT max(idx) + 1 AS size FROM ct.certificate) AS log, generate_series(${String(PARTS)}, 1, -1) AS part,
    LATERAL (SELECT idx, common_name FROM ct.certificate
      WHERE idx >= size * (part - 1) / ${String(PARTS)} AND idx < size * part / ${String(PARTS)}
      ORDER BY idx DESC LIMIT ${String(SIZE / PARTS)}) AS c
  ORDER BY c.idx DESC`;

/**
 * Names from all over the log, kept for a minute: by them it is guessed how common a part of a name is, which no statistics
 * of the database tell. A wrong guess costs time and nothing else.
 */
@Injectable()
export class NameSample {
  private names = '';
  private count = 0;
  private certificates = 0;
  private takenAt = -Infinity;
  private taking: Promise<void> | undefined;

  constructor(
    private readonly database: LogDatabase,
    private readonly clock: Clock,
  ) {}

  async guess(part: string): Promise<NameGuess> {
    if (this.clock.now().getTime() - this.takenAt > MAX_AGE_MS) await this.take();
    const text = part.toLowerCase();
    const share = this.count === 0 ? 0 : frequency(this.names, text) / this.count;
    return { key: this.rarest(part), share, certificates: this.certificates };
  }

  private async take(): Promise<void> {
    this.taking ??= this.read().finally(() => (this.taking = undefined));
    return this.taking;
  }

  private async read(): Promise<void> {
    const rows = await this.database.rows<NameRow>(SAMPLE);
    this.names = rows.map(({ common_name }) => common_name.toLowerCase()).join('\n');
    this.count = rows.length;
    this.certificates = rows[0] === undefined ? 0 : safeInteger(rows[0].idx) + 1;
    this.takenAt = this.clock.now().getTime();
  }

  private rarest(part: string): string {
    if (part.length <= KEY_LENGTH) return part;
    const excerpt = this.names.slice(0, EXCERPT);
    let best = { key: part, found: Infinity };
    for (let start = 0; start + KEY_LENGTH <= part.length; start += 1) {
      const key = part.slice(start, start + KEY_LENGTH);
      // Half a surrogate pair is no text.
      if (/\p{Surrogate}/u.test(key) || !INDEXABLE.test(key)) continue;
      const found = frequency(excerpt, key.toLowerCase()) + separators(key) / KEY_LENGTH;
      if (found < best.found) best = { key, found };
    }
    return best.key;
  }
}

/** How many of the names, one to a line, have the text in them. */
function frequency(names: string, text: string): number {
  let found = 0;
  for (let at = names.indexOf(text); at >= 0; at = names.indexOf(text, at)) {
    found += 1;
    at = names.indexOf('\n', at);
    if (at < 0) break;
  }
  return found;
}

/** Among keys that no name of the sample has, one of letters and digits alone has the most trigrams of its own. */
function separators(key: string): number {
  return key.replace(/[\p{L}\p{N}]/gu, '').length;
}
