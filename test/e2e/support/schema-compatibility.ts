/** As much of JSON Schema 2020-12 as can break a client. */
export interface ApiSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly ApiSchema[];
  readonly oneOf?: readonly ApiSchema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly additionalProperties?: ApiSchema | boolean;
  readonly items?: ApiSchema | boolean;
  readonly [keyword: string]: unknown;
}

export type NamedSchemas = Readonly<Record<string, ApiSchema>>;

/** Who reads what was written by such a schema, and so what change is one too many. */
export type Direction = 'answer' | 'request';

/** A larger value of the keyword takes more, or less. */
const LIMITS: Readonly<Record<string, 1 | -1>> = {
  maxLength: 1,
  maximum: 1,
  maxItems: 1,
  minLength: -1,
  minimum: -1,
  minItems: -1,
};

/** Compares schemas of two documents; each pair of named ones is looked at once. */
export class SchemaComparison {
  constructor(
    private readonly before: NamedSchemas,
    private readonly after: NamedSchemas,
    private readonly seen = new Set<string>(),
  ) {}

  /** What a client would trip over, with the place before it. */
  compare(direction: Direction, place: string, before: ApiSchema | undefined, after: ApiSchema | undefined): string[] {
    if (before === undefined || this.isKnown(direction, before)) return [];
    const was = alternatives(this.resolve(this.before, before));
    const is = alternatives(this.resolve(this.after, after));
    const [onlyWas, onlyIs] = [was[0] ?? {}, is[0] ?? {}];
    if (was.length > 1 || is.length > 1) return this.compareMany(direction, place, was, is);
    // What had a name beside nothing else is looked into as what it names.
    if (onlyWas.$ref !== undefined) return this.compare(direction, place, onlyWas, onlyIs);
    return this.compareOne(direction, place, onlyWas, this.resolve(this.after, onlyIs));
  }

  /** Of an answer every form must have been one of those before; of a request every form must still be taken. */
  private compareMany(
    direction: Direction,
    place: string,
    was: readonly ApiSchema[],
    is: readonly ApiSchema[],
  ): string[] {
    const fits = (one: ApiSchema, other: ApiSchema) => this.fits(direction, place, one, other);
    const lost =
      direction === 'answer'
        ? is.filter((now) => !was.some((then) => fits(then, now)))
        : was.filter((then) => !is.some((now) => fits(then, now)));
    const what = direction === 'answer' ? 'may be something else now' : 'no longer takes one of its forms';
    const same = was.filter(({ $ref }) => $ref !== undefined && is.some((now) => now.$ref === $ref));
    return [
      ...lost.slice(0, 1).map(({ $ref, type }) => `${place} ${what}: ${String($ref ?? type)}`),
      ...same.flatMap((named) => this.compare(direction, place, named, named)),
    ];
  }

  private fits(direction: Direction, place: string, was: ApiSchema, is: ApiSchema): boolean {
    if (was.$ref !== undefined && was.$ref === is.$ref) return true;
    const [one, other] = [this.resolve(this.before, was), this.resolve(this.after, is)];
    const trial = new SchemaComparison(this.before, this.after, new Set(this.seen));
    return trial.compareOne(direction, place, one, other).length === 0;
  }

  private compareOne(direction: Direction, place: string, was: ApiSchema, is: ApiSchema): string[] {
    return [
      ...typeChanges(direction, place, was, is),
      ...valueChanges(direction, place, was, is),
      ...(direction === 'request' ? limitChanges(place, was, is) : []),
      ...this.memberChanges(direction, place, was, is),
      ...this.compare(direction, `${place}[]`, schemaOf(was.items), schemaOf(is.items)),
      ...this.compare(direction, `${place}{}`, schemaOf(was.additionalProperties), schemaOf(is.additionalProperties)),
    ];
  }

  private memberChanges(direction: Direction, place: string, was: ApiSchema, is: ApiSchema): string[] {
    const members = Object.entries(was.properties ?? {}).flatMap(([name, schema]) => {
      const now = is.properties?.[name];
      return now === undefined
        ? [`${place}.${name} is gone`]
        : this.compare(direction, `${place}.${name}`, schema, now);
    });
    const [had, has] = [was.required ?? [], is.required ?? []];
    const requirements =
      direction === 'answer'
        ? had.filter((name) => !has.includes(name)).map((name) => `${place}.${name} may be missing now`)
        : has.filter((name) => !had.includes(name)).map((name) => `${place}.${name} is required now`);
    return [...members, ...requirements];
  }

  /** Schemas may refer to themselves, and many places refer to the same one. */
  private isKnown(direction: Direction, { $ref }: ApiSchema): boolean {
    if ($ref === undefined) return false;
    const key = `${direction} ${$ref}`;
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    return false;
  }

  private resolve(schemas: NamedSchemas, schema: ApiSchema | undefined): ApiSchema {
    if (schema?.$ref === undefined) return schema ?? {};
    return this.resolve(schemas, schemas[schema.$ref.split('/').at(-1) ?? '']);
  }
}

/** The forms that a value may have: `["string", "null"]` are two. */
function alternatives(schema: ApiSchema): readonly ApiSchema[] {
  const { anyOf, oneOf, type } = schema;
  const several = anyOf ?? oneOf;
  if (several !== undefined) return several.flatMap(alternatives);
  return Array.isArray(type) ? type.map((one: string) => ({ ...schema, type: one })) : [schema];
}

function typeChanges(direction: Direction, place: string, { type: was }: ApiSchema, { type: is }: ApiSchema): string[] {
  if (was === undefined || was === is) return [];
  const [wider, narrower] = direction === 'answer' ? [was, is] : [is, was];
  // Every whole number is a number.
  if (wider === 'number' && narrower === 'integer') return [];
  return [`${place} was ${JSON.stringify(was)} and is ${JSON.stringify(is ?? 'anything')}`];
}

function valueChanges(direction: Direction, place: string, before: ApiSchema, after: ApiSchema): string[] {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  if (direction === 'request') {
    const refused = (was ?? []).filter((value) => is !== undefined && !is.includes(value));
    return refused.map((value) => `${place} can no longer be ${String(value)}`);
  }
  const added = (is ?? []).filter((value) => was !== undefined && !was.includes(value));
  return added.map((value) => `${place} may be ${String(value)} now`);
}

function valuesOf({ enum: values, const: value }: ApiSchema): readonly unknown[] | undefined {
  return value === undefined ? values : [value];
}

/** Values of a request that were taken before and are out of bounds now. */
function limitChanges(place: string, was: ApiSchema, is: ApiSchema): string[] {
  const limits = Object.entries(LIMITS).filter(([keyword, direction]) => {
    const [before, after] = [was[keyword], is[keyword]];
    if (typeof after !== 'number' || before === after) return false;
    return typeof before !== 'number' || (after - before) * direction < 0;
  });
  const changed = limits.map(([keyword]) => `${place} has another ${keyword} now`);
  const isOther = is['pattern'] !== undefined && is['pattern'] !== was['pattern'];
  return isOther ? [...changed, `${place} has another pattern now`] : changed;
}

function schemaOf(value: ApiSchema | boolean | undefined): ApiSchema | undefined {
  return typeof value === 'object' ? value : undefined;
}
