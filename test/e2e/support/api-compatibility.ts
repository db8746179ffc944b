/** As much of OpenAPI 3.1 as can break a client. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, ApiSchema>> };
}

interface ApiOperation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: { readonly content?: ApiContent };
  readonly responses?: Readonly<Record<string, { readonly content?: ApiContent }>>;
}

type ApiContent = Readonly<Record<string, { readonly schema?: ApiSchema }>>;

interface ApiSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly items?: ApiSchema;
}

/**
 * What a client written against `before` would trip over in `after`: operations, answers and members of answers that are gone,
 * values of requests that are refused now, and what requests must have that they need not have had.
 */
export function breakingChanges(before: ApiDocument, after: ApiDocument): string[] {
  return new Comparison(before, after).run();
}

class Comparison {
  private readonly found: string[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly before: ApiDocument,
    private readonly after: ApiDocument,
  ) {}

  run(): string[] {
    for (const [path, operations] of Object.entries(this.before.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const place = `${method.toUpperCase()} ${path}`;
        const now = this.after.paths[path]?.[method];
        if (now === undefined) this.found.push(`${place} is gone`);
        else this.compareOperations(place, operation, now);
      }
    }
    return this.found;
  }

  private compareOperations(place: string, before: ApiOperation, after: ApiOperation): void {
    this.compareParameters(place, before, after);
    const [sent, taken] = [before.requestBody?.content ?? {}, after.requestBody?.content ?? {}];
    for (const [type, { schema }] of Object.entries(sent)) {
      if (taken[type] === undefined) this.found.push(`${place} no longer takes ${type}`);
      else this.compareRequests(`${place} request`, schema, taken[type].schema);
    }
    for (const [status, { content = {} }] of Object.entries(before.responses ?? {})) {
      if (!status.startsWith('2')) continue;
      const now = after.responses?.[status];
      if (now === undefined) this.found.push(`${place} no longer answers ${status}`);
      else this.compareAnswers(`${place} ${status}`, content, now.content ?? {});
    }
  }

  private compareParameters(place: string, before: ApiOperation, after: ApiOperation): void {
    const key = (parameter: { name: string; in: string }) => `${parameter.in} parameter ${parameter.name}`;
    const known = new Map((before.parameters ?? []).map((parameter) => [key(parameter), parameter]));
    const now = new Map((after.parameters ?? []).map((parameter) => [key(parameter), parameter]));
    for (const name of known.keys()) if (!now.has(name)) this.found.push(`${place}: ${name} is gone`);
    for (const [name, { required }] of now) {
      if (required === true && known.get(name)?.required !== true) this.found.push(`${place}: ${name} is required now`);
    }
  }

  private compareAnswers(place: string, before: ApiContent, after: ApiContent): void {
    for (const [type, { schema }] of Object.entries(before)) {
      if (after[type] === undefined) this.found.push(`${place} no longer comes as ${type}`);
      else this.compareAnswerSchemas(place, schema, after[type].schema);
    }
  }

  private compareAnswerSchemas(place: string, before: ApiSchema | undefined, after: ApiSchema | undefined): void {
    if (before === undefined || this.isKnown('answer', before)) return;
    const [was, is] = [this.resolve(this.before, before), this.resolve(this.after, after)];
    this.compareTypes(place, was, is);
    for (const name of is.enum ?? []) {
      if (was.enum && !was.enum.includes(name)) this.found.push(`${place} may be ${String(name)} now`);
    }
    for (const [name, schema] of Object.entries(was.properties ?? {})) {
      const now = is.properties?.[name];
      if (now === undefined) this.found.push(`${place}.${name} is gone`);
      else this.compareAnswerSchemas(`${place}.${name}`, schema, now);
      if (was.required?.includes(name) === true && is.required?.includes(name) !== true) {
        this.found.push(`${place}.${name} may be missing now`);
      }
    }
    if (was.items) this.compareAnswerSchemas(`${place}[]`, was.items, is.items);
  }

  private compareRequests(place: string, before: ApiSchema | undefined, after: ApiSchema | undefined): void {
    if (before === undefined || this.isKnown('request', before)) return;
    const [was, is] = [this.resolve(this.before, before), this.resolve(this.after, after)];
    this.compareTypes(place, was, is);
    for (const name of was.enum ?? []) {
      if (is.enum && !is.enum.includes(name)) this.found.push(`${place} can no longer be ${String(name)}`);
    }
    for (const [name, schema] of Object.entries(was.properties ?? {})) {
      const now = is.properties?.[name];
      if (now === undefined) this.found.push(`${place}.${name} is gone`);
      else this.compareRequests(`${place}.${name}`, schema, now);
    }
    for (const name of is.required ?? []) {
      if (was.required?.includes(name) !== true) this.found.push(`${place}.${name} is required now`);
    }
    if (was.items) this.compareRequests(`${place}[]`, was.items, is.items);
  }

  private compareTypes(place: string, before: ApiSchema, after: ApiSchema): void {
    const [was, is] = [before, after].map(({ type }) => JSON.stringify(type));
    if (was !== undefined && was !== is) this.found.push(`${place} was ${was} and is ${String(is)}`);
  }

  /** Schemas may refer to themselves, and many places refer to the same one. */
  private isKnown(direction: string, { $ref }: ApiSchema): boolean {
    if ($ref === undefined) return false;
    const key = `${direction} ${$ref}`;
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    return false;
  }

  private resolve(document: ApiDocument, schema: ApiSchema | undefined): ApiSchema {
    if (schema?.$ref === undefined) return schema ?? {};
    return this.resolve(document, document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? '']);
  }
}
