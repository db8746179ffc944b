/** One thing that is not as the leaves say it should be. */
export interface Finding {
  /** Table with schema, or the file of a saved checkpoint. */
  readonly table: string;
  /** Which row: log index, size of a checkpoint, level and number of a tile. */
  readonly index: number | string;
  /** For programs; the same for all findings of a kind. */
  readonly code: string;
  /** For people: what differs, without a full stop. */
  readonly detail: string;
}

/** A kind of finding of which there were more than are listed. */
export interface Remainder {
  readonly table: string;
  readonly code: string;
  readonly count: number;
}

/** What was found, as plain data. */
export interface FoundThings {
  readonly total: number;
  readonly listed: readonly Finding[];
  /** What is not listed. */
  readonly remainders: readonly Remainder[];
}

const LISTED_OF_A_KIND = 20;

/**
 * Collects findings. One changed leaf makes every later root wrong: of each kind the first are listed and the rest are
 * counted, so that a million of them neither fill the memory nor hide the others.
 */
export class Findings {
  private readonly listed: Finding[] = [];
  private readonly counts = new Map<string, { table: string; code: string; count: number }>();

  add(finding: Finding): void {
    const { table, code } = finding;
    const key = `${table} ${code}`;
    const kind = this.counts.get(key) ?? { table, code, count: 0 };
    kind.count += 1;
    this.counts.set(key, kind);
    if (kind.count <= LISTED_OF_A_KIND) this.listed.push(finding);
  }

  get things(): FoundThings {
    const kinds = [...this.counts.values()];
    return {
      total: kinds.reduce((total, { count }) => total + count, 0),
      listed: this.listed,
      remainders: kinds
        .filter(({ count }) => count > LISTED_OF_A_KIND)
        .map(({ table, code, count }) => ({ table, code, count: count - LISTED_OF_A_KIND })),
    };
  }
}

/** No two of them tell of the same kind of thing. */
export function together(...parts: readonly FoundThings[]): FoundThings {
  return {
    total: parts.reduce((total, part) => total + part.total, 0),
    listed: parts.flatMap(({ listed }) => listed),
    remainders: parts.flatMap(({ remainders }) => remainders),
  };
}
