interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * One mapping of a YAML file whose scalars are all texts. Remembers every problem and goes on, so that one look tells all of
 * them; keys that nobody asked for are problems too: call `end()` last.
 */
export class YamlSection {
  private readonly known = new Set<string>();

  constructor(
    private readonly problems: string[],
    /** Where it stands, as `root` or `crl.revoked[2]`; empty for the whole file. */
    private readonly path: string,
    private readonly members: ReadonlyMap<string, unknown>,
  ) {}

  has(key: string): boolean {
    return this.members.has(key);
  }

  problem(key: string, what: string): void {
    this.problems.push(`${this.nameOf(key)} ${what}`);
  }

  /** The empty text stands for a problem that has been remembered. */
  text(key: string): string {
    const value = this.value(key);
    if (typeof value === 'string' && value !== '') return value;
    this.problem(key, value === undefined ? 'is missing' : value === '' ? 'is empty' : 'is not a text');
    return '';
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  /** A list of texts, or one text alone. */
  texts(key: string): readonly string[] {
    const value = this.value(key);
    if (!Array.isArray(value)) return [this.text(key)];
    const texts = value.filter((item): item is string => typeof item === 'string' && item !== '');
    if (texts.length !== value.length) this.problem(key, 'is not a list of texts');
    return texts;
  }

  wholeNumber(key: string, { min, max }: NumberRange): number {
    const text = this.text(key);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    if (text !== '') this.problem(key, `is not a whole number from ${min} to ${max}`);
    return min;
  }

  oneOf<T extends string>(key: string, allowed: readonly [T, ...T[]]): T {
    const text = this.text(key);
    const found = allowed.find((item) => item === text);
    if (found === undefined && text !== '') this.problem(key, `is none of ${allowed.join(', ')}`);
    return found ?? allowed[0];
  }

  /** A time in the one form `2026-11-24T12:00:00Z`. */
  optionalTime(key: string): Date | undefined {
    if (!this.has(key)) return undefined;
    const text = this.text(key);
    const time = new Date(text);
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(time.getTime())) return time;
    if (text !== '') this.problem(key, 'is not a time like 2026-11-24T12:00:00Z');
    return undefined;
  }

  section(key: string): YamlSection | undefined {
    return this.has(key) ? this.child(this.nameOf(key), this.value(key)) : undefined;
  }

  /** The mappings of a list; none where the key is missing. */
  sections(key: string): YamlSection[] {
    if (!this.has(key)) return [];
    const value = this.value(key);
    if (!Array.isArray(value)) {
      this.problem(key, 'is not a list');
      return [];
    }
    return value.map((item: unknown, index) => this.child(`${this.nameOf(key)}[${index}]`, item));
  }

  end(): void {
    for (const key of this.members.keys()) if (!this.known.has(key)) this.problem(key, 'is not known here');
  }

  private child(path: string, value: unknown): YamlSection {
    const isMapping = value instanceof Map;
    if (!isMapping) this.problems.push(`${path} is not a mapping`);
    return new YamlSection(this.problems, path, isMapping ? (value as ReadonlyMap<string, unknown>) : new Map());
  }

  private value(key: string): unknown {
    this.known.add(key);
    return this.members.get(key);
  }

  private nameOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }
}
