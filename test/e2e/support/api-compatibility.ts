import { type ApiSchema, SchemaComparison } from './schema-compatibility';

/** As much of OpenAPI 3.1 as can break a client. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, ApiSchema>> };
}

interface ApiOperation {
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: { readonly content?: ApiContent };
  readonly responses?: Readonly<Record<string, { readonly content?: ApiContent }>>;
}

interface ApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: ApiSchema;
}

type ApiContent = Readonly<Record<string, { readonly schema?: ApiSchema }>>;

/**
 * What a client written against `before` would trip over in `after`: operations, answers and members of answers that are gone,
 * values of requests that are refused now, and what requests must have that they need not have had.
 */
export function breakingChanges(before: ApiDocument, after: ApiDocument): string[] {
  return new Comparison(before, after).run();
}

class Comparison {
  private readonly found: string[] = [];
  private readonly schemas: SchemaComparison;

  constructor(
    private readonly before: ApiDocument,
    private readonly after: ApiDocument,
  ) {
    this.schemas = new SchemaComparison(before.components?.schemas ?? {}, after.components?.schemas ?? {});
  }

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
      else this.found.push(...this.schemas.compare('request', `${place} request`, schema, taken[type].schema));
    }
    for (const [status, { content = {} }] of Object.entries(before.responses ?? {})) {
      // What is refused may change: a client must expect any refusal.
      if (!/^[23]/.test(status)) continue;
      const now = after.responses?.[status];
      if (now === undefined) this.found.push(`${place} no longer answers ${status}`);
      else this.compareAnswers(`${place} ${status}`, content, now.content ?? {});
    }
  }

  private compareParameters(place: string, before: ApiOperation, after: ApiOperation): void {
    const key = (parameter: ApiParameter) => `${parameter.in} parameter ${parameter.name}`;
    const known = new Map((before.parameters ?? []).map((parameter) => [key(parameter), parameter]));
    const now = new Map((after.parameters ?? []).map((parameter) => [key(parameter), parameter]));
    for (const [name, { schema }] of known) {
      const taken = now.get(name);
      if (taken === undefined) this.found.push(`${place}: ${name} is gone`);
      else this.found.push(...this.schemas.compare('request', `${place}: ${name}`, schema, taken.schema));
    }
    for (const [name, { required }] of now) {
      if (required === true && known.get(name)?.required !== true) this.found.push(`${place}: ${name} is required now`);
    }
  }

  private compareAnswers(place: string, before: ApiContent, after: ApiContent): void {
    for (const [type, { schema }] of Object.entries(before)) {
      if (after[type] === undefined) this.found.push(`${place} no longer comes as ${type}`);
      else this.found.push(...this.schemas.compare('answer', place, schema, after[type].schema));
    }
  }
}
