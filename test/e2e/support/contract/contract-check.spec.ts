import { ApiDocument, type OpenApi } from './api-document';
import type { ContractCase } from './contract-case';
import { ContractCheck } from './contract-check';
import { neverSuccessful, uncovered } from './coverage';
import type { Exchange, ReceivedAnswer, SentRequest } from './exchange';

const OPERATION = 'POST /things/{id}';

const problem = (...codes: readonly string[]) => ({
  content: {
    'application/problem+json': {
      schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] },
    },
  },
});

const OPEN_API = {
  paths: {
    '/things/{id}': {
      post: {
        parameters: [
          { name: 'id', in: 'path', required: true },
          { name: 'force', in: 'query' },
        ],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } },
        responses: {
          '201': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
          '404': problem('thing_not_found'),
          '409': problem('thing_known', 'thing_busy'),
        },
      },
    },
  },
  components: {
    schemas: {
      Order: {
        type: 'object',
        required: ['size'],
        properties: { size: { type: 'integer' } },
        additionalProperties: false,
      },
      Thing: { type: 'object', required: ['id'], properties: { id: { type: 'string' } }, additionalProperties: false },
      Problem: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } },
    },
  },
} as unknown as OpenApi;

const document = new ApiDocument('frontend', OPEN_API);
const check = new ContractCheck(document);

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
const newCase = (status: number, code?: string): ContractCase => {
  return { operation: OPERATION, name: 'one', status, ...(code !== undefined && { code }) };
};

function exchange(
  promised: ContractCase,
  answer: Partial<ReceivedAnswer>,
  request: Partial<SentRequest> = {},
): Exchange {
  const sent = { path: { id: 'x' }, query: {}, headers: {}, body: { size: 1 } };
  const received = { status: promised.status, headers: {}, type: JSON_TYPE, body: { id: 'x' }, length: 1 };
  return { promised, request: { ...sent, ...request }, answer: { ...received, ...answer } };
}

const created = (answer: Partial<ReceivedAnswer>, request: Partial<SentRequest> = {}) =>
  check.violations(exchange(newCase(201), answer, request));
const refused = (promised: ContractCase, code: string) =>
  check.violations(exchange(promised, { type: PROBLEM_TYPE, body: { code } }));

describe('an exchange', () => {
  it('that is as promised and documented passes', () => {
    expect(created({})).toEqual([]);
    expect(refused(newCase(404, 'thing_not_found'), 'thing_not_found')).toEqual([]);
  });

  it.each<[string, Partial<ReceivedAnswer>, RegExp]>([
    ['another status', { status: 200 }, /^answered 200 instead of 201/],
    ['another media type', { type: 'text/html' }, /^text\/html is not documented/],
    ['no body', { type: '', body: undefined, length: 0 }, /^no body/],
    ['a member that is missing', { body: {} }, /required property 'id'/],
    ['a member of another type', { body: { id: 7 } }, /\/id must be string/],
    ['a member that is not documented', { body: { id: 'x', extra: 1 } }, /additional properties.*extra/],
  ])('fails with %s in its answer', (_, answer, violation) => {
    expect(created(answer)).toEqual([expect.stringMatching(violation)]);
  });

  it.each<[string, Partial<SentRequest>, RegExp]>([
    ['a body that is not as documented', { body: { size: 'large' } }, /the request's body: \/size must be integer/],
    ['an unknown parameter', { query: { colour: 'red' } }, /undocumented query parameter colour/],
    ['an unknown header', { headers: { 'if-match': '"1"' } }, /undocumented header if-match/],
    ['no parameter that is required', { path: {} }, /did not send id/],
  ])('that succeeds fails with %s in its request', (_, request, violation) => {
    expect(created({}, request)).toEqual([expect.stringMatching(violation)]);
  });

  it('fails with another code, one that is not documented, or a status that is not', () => {
    expect(refused(newCase(404, 'thing_not_found'), 'thing_gone')[0]).toMatch(/^the code is thing_gone/);
    expect(refused(newCase(404, 'thing_gone'), 'thing_gone')[0]).toMatch(/thing_gone of 404 is not documented/);
    expect(refused(newCase(410, 'thing_gone'), 'thing_gone')).toContainEqual(
      expect.stringMatching(/^410 is not documented/),
    );
  });
});

describe('the coverage', () => {
  it('names every status and code without a case', () => {
    expect(uncovered(document, [newCase(409, 'thing_busy')])).toEqual([
      { operation: OPERATION, status: 201, code: undefined },
      { operation: OPERATION, status: 404, code: 'thing_not_found' },
      { operation: OPERATION, status: 409, code: 'thing_known' },
    ]);
  });

  it('names every operation of which no case succeeds', () => {
    expect(neverSuccessful(document, [newCase(404, 'thing_not_found')])).toEqual([OPERATION]);
    expect(neverSuccessful(document, [newCase(201)])).toEqual([]);
  });
});
