import {
  type CompletedConfig,
  createFormatter,
  createParser,
  DEFAULT_CONFIG,
  SchemaGenerator,
} from 'ts-json-schema-generator';
import ts from 'typescript';
import type { Schema } from './schema';

/** What a type without a name of its own is called for the time being. */
const ANONYMOUS = '(answer)';

const CONFIG: CompletedConfig = {
  ...DEFAULT_CONFIG,
  type: ANONYMOUS,
  topRef: true,
  jsDoc: 'extended',
  sortProps: false,
  skipTypeCheck: true,
  encodeRefs: false,
};

/** JSON Schemas of the types that are answered, made from the types themselves, so that the two cannot differ. */
export class AnswerTypes {
  private readonly generator: SchemaGenerator;
  private readonly found = new Map<string, Schema>();

  constructor(program: ts.Program) {
    this.generator = new SchemaGenerator(program, createParser(program, CONFIG), createFormatter(CONFIG), CONFIG);
  }

  /** Every type with a name that has been needed so far, by that name. */
  get schemas(): ReadonlyMap<string, Schema> {
    return this.found;
  }

  /** The schema of what is answered by a method that returns this type, undefined for nothing; a promise counts as what it brings. */
  schemaOf(returned: ts.TypeNode): Schema | undefined {
    const type = awaited(returned);
    return type.kind === ts.SyntaxKind.VoidKeyword ? undefined : this.schemaOfNode(type);
  }

  /** The schema of a declared type. */
  schemaOfNode(node: ts.Node): Schema {
    const { definitions = {}, ...root } = this.generator.createSchemaFromNodes([node]) as {
      readonly definitions?: Readonly<Record<string, Schema>>;
    };
    const renamed = JSON.parse(withNames(JSON.stringify({ definitions, root }))) as Renamed;
    for (const [name, schema] of Object.entries(renamed.definitions)) this.keep(name, modern(schema));
    const { $ref } = renamed.root;
    const anonymous = renamed.definitions[ANONYMOUS];
    return $ref === `#/components/schemas/${ANONYMOUS}` && anonymous ? modern(anonymous) : { $ref };
  }

  /** What the doc comment says of the type that a schema refers to. */
  descriptionOf({ $ref, description }: Schema): string | undefined {
    return description ?? this.found.get($ref?.split('/').at(-1) ?? '')?.description;
  }

  private keep(name: string, schema: Schema): void {
    if (name === ANONYMOUS) return;
    const known = this.found.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two types are called ${name}`);
    }
    this.found.set(name, schema);
  }
}

interface Renamed {
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly root: { readonly $ref: string };
}

/**
 * From draft 07 to 2020-12, and from what TypeScript can say to what is meant: numbers on the wire are whole ones, unless a
 * doc comment has `@format double`.
 */
function modern(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema), (_, value: unknown) =>
    isSchema(value) ? modernised(value) : value,
  ) as Schema;
}

function modernised(schema: Schema): Schema {
  const { items, type } = schema;
  const modern: Schema = { ...schema };
  if (type !== undefined && schema.format !== 'double') modern.type = whole(type);
  if (Array.isArray(items)) Object.assign(modern, { prefixItems: items, items: {} });
  return modern;
}

function whole(type: string | string[]): string | string[] {
  const one = (name: string) => (name === 'number' ? 'integer' : name);
  return typeof type === 'string' ? one(type) : type.map(one);
}

/** An object with members may have one that is called `type`, which is a schema then and no name of a type. */
function isSchema(value: unknown): value is Schema {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (!('type' in value)) return 'items' in value && Array.isArray(value.items);
  return typeof value.type === 'string' || Array.isArray(value.type);
}

function awaited(type: ts.TypeNode): ts.TypeNode {
  const isPromise = ts.isTypeReferenceNode(type) && type.typeName.getText() === 'Promise';
  return (isPromise ? type.typeArguments?.[0] : undefined) ?? type;
}

/** `Page<PskResponse>` is no name that a component may have: `PskResponsePage`. */
function withNames(schemas: string): string {
  return schemas.replaceAll('#/definitions/', '#/components/schemas/').replace(/\bPage<(\w+)>/g, '$1Page');
}
