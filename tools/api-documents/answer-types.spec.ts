import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { AnswerTypes } from './answer-types';
import type { Schema } from './schema';

const SOURCE = `
/** One of them. */
export type Kind = 'server' | 'computer';

/**
 * A moment.
 *
 * @format date-time
 */
export type Moment = string;

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** A thing. */
export interface ThingResponse {
  /** How many. */
  readonly uses: number;
  /** @format double */
  readonly share: number;
  readonly kind: Kind;
  readonly made_at: Moment;
  readonly ended_at: Moment | null;
  readonly type: string;
  readonly warning?: string;
  readonly chain: readonly [intermediate: string, root: string];
}

export interface Other { readonly dry_run: false }

export interface Answers {
  thing: ThingResponse;
  promised: Promise<ThingResponse>;
  page: Promise<Page<ThingResponse>>;
  either: Promise<ThingResponse | Other>;
  nothing: Promise<void>;
  inline: { readonly items: readonly Kind[] };
}
`;

let folder: string;
let types: AnswerTypes;
let members: ReadonlyMap<string, ts.TypeNode>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'answer-types-'));
  const path = join(folder, 'answers.ts');
  writeFileSync(path, SOURCE);
  const program = ts.createProgram([path], { strict: true, noEmit: true, types: [] });
  types = new AnswerTypes(program);
  members = new Map(membersOf(program.getSourceFile(path), 'Answers'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function membersOf(file: ts.SourceFile | undefined, name: string): [string, ts.TypeNode][] {
  const declaration = file?.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) throw new Error(`there is no ${name}`);
  return declaration.members.flatMap((member) =>
    ts.isPropertySignature(member) && member.type ? [[member.name.getText(), member.type]] : [],
  );
}

function schemaOf(member: string): Schema | undefined {
  const type = members.get(member);
  if (type === undefined) throw new Error(`there is no ${member}`);
  return types.schemaOf(type);
}

const REFERENCE = { $ref: '#/components/schemas/ThingResponse' };

describe('the schema of an answer', () => {
  it('is the type by its name, also of a promise of it', () => {
    expect(schemaOf('thing')).toEqual(REFERENCE);
    expect(schemaOf('promised')).toEqual(REFERENCE);
    expect(types.descriptionOf(REFERENCE)).toBe('A thing.');
  });

  it('has a name for a page of them as well', () => {
    expect(schemaOf('page')).toEqual({ $ref: '#/components/schemas/ThingResponsePage' });
    expect(types.schemas.get('ThingResponsePage')).toMatchObject({
      properties: { items: { type: 'array', items: REFERENCE }, next_cursor: { type: ['string', 'null'] } },
    });
  });

  it('is a choice where the type is one', () => {
    expect(schemaOf('either')).toEqual({ anyOf: [REFERENCE, { $ref: '#/components/schemas/Other' }] });
  });

  it('is none where nothing is answered', () => {
    expect(schemaOf('nothing')).toBeUndefined();
  });

  it('stands in its place where the type has no name', () => {
    expect(schemaOf('inline')).toMatchObject({ type: 'object', required: ['items'], additionalProperties: false });
  });

  it('says what must be there, what may be null, and that there is nothing else', () => {
    schemaOf('thing');
    const { required, properties, additionalProperties } = types.schemas.get('ThingResponse') ?? {};
    expect(required).toEqual(['uses', 'share', 'kind', 'made_at', 'ended_at', 'type', 'chain']);
    expect(additionalProperties).toBe(false);
    expect(properties).toMatchObject({
      kind: { $ref: '#/components/schemas/Kind' },
      made_at: { $ref: '#/components/schemas/Moment' },
      ended_at: { anyOf: [{ $ref: '#/components/schemas/Moment' }, { type: 'null' }] },
      type: { type: 'string' },
    });
    expect(types.schemas.get('Moment')).toEqual({ type: 'string', format: 'date-time', description: 'A moment.' });
  });

  it('takes numbers for whole ones unless it is told otherwise', () => {
    schemaOf('thing');
    expect(types.schemas.get('ThingResponse')?.properties).toMatchObject({
      uses: { type: 'integer', description: 'How many.' },
      share: { type: 'number', format: 'double' },
    });
  });

  it('speaks the JSON Schema of OpenAPI 3.1', () => {
    schemaOf('thing');
    expect(types.schemas.get('ThingResponse')?.properties?.['chain']).toMatchObject({
      prefixItems: [{ type: 'string' }, { type: 'string' }],
      items: {},
      minItems: 2,
      maxItems: 2,
    });
  });
});
