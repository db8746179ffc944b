import type { Service } from './contract-case';

export interface Schema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface MediaType {
  readonly schema?: Schema;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
}

export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface ResponseObject {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, ResponseObject>>;
  };
}

/** What a response promises, and where in the document it stands (RFC 6901, in a URI fragment). */
export interface DocumentedResponse {
  readonly content: Readonly<Record<string, MediaType>>;
  readonly pointer: string;
}

const PROBLEM = 'application/problem+json';

/** The OpenAPI document of a service, as far as requests and answers are concerned. Operations are called `METHOD /path`. */
export class ApiDocument {
  private readonly known = new Map<string, { readonly operation: Operation; readonly pointer: string }>();

  constructor(
    readonly service: Service,
    readonly openApi: OpenApi,
  ) {
    for (const [path, operations] of Object.entries(openApi.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        this.known.set(`${method.toUpperCase()} ${path}`, { operation, pointer: pointerTo('paths', path, method) });
      }
    }
  }

  get operations(): readonly string[] {
    return [...this.known.keys()];
  }

  operation(name: string): Operation {
    return this.find(name).operation;
  }

  /** Where the schema of the bodies stands that it takes; undefined when it takes none. */
  requestSchema(name: string, type = 'application/json'): string | undefined {
    const { operation, pointer } = this.find(name);
    if (operation.requestBody?.content[type]?.schema === undefined) return undefined;
    return `${pointer}${pointerTo('requestBody', 'content', type, 'schema')}`;
  }

  statuses(name: string): readonly number[] {
    return Object.keys(this.operation(name).responses).map(Number);
  }

  response(name: string, status: number): DocumentedResponse | undefined {
    const { operation, pointer } = this.find(name);
    const response = operation.responses[String(status)];
    if (response?.$ref === undefined) {
      return (
        response && { content: response.content ?? {}, pointer: `${pointer}${pointerTo('responses', String(status))}` }
      );
    }
    const shared = this.openApi.components?.responses?.[response.$ref.split('/').at(-1) ?? ''];
    return shared && { content: shared.content ?? {}, pointer: response.$ref.slice(1) };
  }

  /** Problem codes that it names for a status. */
  codes(name: string, status: number): readonly string[] {
    const schema = this.response(name, status)?.content[PROBLEM]?.schema;
    return schema === undefined ? [] : [...new Set(this.codesIn(schema))];
  }

  private codesIn(schema: Schema): readonly string[] {
    const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema;
    const target = $ref === undefined ? undefined : this.openApi.components?.schemas?.[$ref.split('/').at(-1) ?? ''];
    const { code } = schema.properties ?? {};
    const own = code === undefined ? [] : [...(code.enum ?? []), ...(code.const === undefined ? [] : [code.const])];
    const others = [...(target === undefined ? [] : [target]), ...allOf, ...anyOf, ...oneOf];
    return [...own.map(String), ...others.flatMap((other) => this.codesIn(other))];
  }

  private find(name: string): { readonly operation: Operation; readonly pointer: string } {
    const found = this.known.get(name);
    if (found === undefined) throw new Error(`${this.service} documents no ${name}`);
    return found;
  }
}

/** As a URI fragment: JSON pointers within it are percent-encoded. */
function pointerTo(...names: readonly string[]): string {
  return names.map((name) => `/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
}
