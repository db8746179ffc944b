import { type ApiDocument, breakingChanges } from './api-compatibility';

const THING = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', maxLength: 64 },
    kind: { type: 'string', enum: ['a', 'b'] },
    parent: { anyOf: [{ $ref: '#/components/schemas/Thing' }, { type: 'null' }] },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

function document(change: (document: Draft) => void = () => undefined): ApiDocument {
  const result = structuredClone({
    paths: {
      '/things': {
        post: {
          parameters: [{ name: 'dry', in: 'query', required: false, schema: { type: 'number', maximum: 9 } }],
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
          responses: { '201': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
        },
      },
    },
    components: { schemas: { Thing: THING } },
  }) as unknown as Draft;
  change(result);
  return result as unknown as ApiDocument;
}

/** Loose enough to be broken. */
interface Draft {
  paths: Record<string, { post?: Post }>;
  components: {
    schemas: { Thing: { required: string[]; properties: Record<string, Member> } };
  };
}

interface Member {
  type?: string | string[];
  enum?: string[];
  maxLength?: number;
  anyOf?: object[];
  additionalProperties?: object;
}

interface Post {
  parameters: { name: string; in: string; required: boolean; schema?: object }[];
  requestBody: { content: Record<string, unknown> };
  responses: Record<string, unknown>;
}

function post(draft: Draft): Post {
  const found = draft.paths['/things']?.post;
  if (found === undefined) throw new Error('no operation');
  return found;
}

const schema = (draft: Draft) => draft.components.schemas.Thing;

describe('changes that break a client', () => {
  it.each<[string, (draft: Draft) => unknown, string]>([
    ['a path that is gone', (d) => delete d.paths['/things'], 'POST /things is gone'],
    ['an operation that is gone', (d) => delete d.paths['/things']?.post, 'POST /things is gone'],
    ['a parameter that is gone', (d) => post(d).parameters.pop(), 'POST /things: query parameter dry is gone'],
    [
      'a parameter that is required now',
      (d) => post(d).parameters.push({ name: 'new', in: 'query', required: true }),
      'POST /things: query parameter new is required now',
    ],
    [
      'a body that is no longer taken',
      (d) => delete post(d).requestBody.content['application/json'],
      'POST /things no longer takes application/json',
    ],
    ['an answer that is gone', (d) => delete post(d).responses['201'], 'POST /things no longer answers 201'],
    ['a member that is gone', (d) => delete schema(d).properties['kind'], 'POST /things 201.kind is gone'],
    [
      'a member of another type',
      (d) => (schema(d).properties['id'] = { type: 'number' }),
      'POST /things 201.id was "string" and is "number"',
    ],
    ['a member that may be missing now', (d) => schema(d).required.pop(), 'POST /things 201.id may be missing now'],
    [
      'a member of a request that is required now',
      (d) => schema(d).required.push('kind'),
      'POST /things request.kind is required now',
    ],
    [
      'a value that is refused now',
      (d) => schema(d).properties['kind']?.enum?.pop(),
      'POST /things request.kind can no longer be b',
    ],
    [
      'a value of an answer that is new',
      (d) => schema(d).properties['kind']?.enum?.push('c'),
      'POST /things 201.kind may be c now',
    ],
    [
      'a shorter limit for a request',
      (d) => (schema(d).properties['id'] = { type: 'string', maxLength: 32 }),
      'POST /things request.id has another maxLength now',
    ],
    [
      'a narrower parameter',
      (d) => (post(d).parameters[0] = { name: 'dry', in: 'query', required: false, schema: { type: 'integer' } }),
      'POST /things: query parameter dry was "number" and is "integer"',
    ],
    [
      'an answer that may be null now',
      (d) => (schema(d).properties['id'] = { type: ['string', 'null'], maxLength: 64 }),
      'POST /things 201.id may be something else now: null',
    ],
    [
      'null that a request may not say any more',
      (d) => (schema(d).properties['parent'] = { anyOf: [{ $ref: '#/components/schemas/Thing' }] }),
      'POST /things request.parent no longer takes one of its forms: null',
    ],
    [
      'values of another type by name',
      (d) => (schema(d).properties['labels'] = { type: 'object', additionalProperties: { type: 'number' } }),
      'POST /things 201.labels{} was "string" and is "number"',
    ],
  ])('are told: %s', (_, change, expected) => {
    expect(
      breakingChanges(
        document(),
        document((draft) => void change(draft)),
      ),
    ).toContain(expected);
  });

  it('are none where something is new that nobody has to use', () => {
    const grown = document((draft) => {
      draft.paths['/more'] = {};
      post(draft).parameters.push({ name: 'new', in: 'query', required: false });
      schema(draft).properties['more'] = { type: 'string' };
    });
    expect(breakingChanges(document(), grown)).toEqual([]);
  });
});
