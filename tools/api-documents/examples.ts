import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@libs/http';
import { codesOf, PROBLEM_TYPE } from './problems';
import type { Content, Document, Operation } from './schema';

const FOLDER = join(__dirname, '..', '..', 'docs', 'api', 'examples');

/** Recorded from a run of the tests: see docs/api/examples. */
interface RecordedExample {
  readonly name: string;
  readonly request: { readonly type?: string; readonly body?: unknown };
  readonly answer: { readonly status: number; readonly type?: string; readonly body?: unknown };
}

interface RecordedExamples {
  readonly operations: Readonly<Record<string, readonly RecordedExample[]>>;
  /** Refusals that are the same for every operation, by their code. */
  readonly problems: Readonly<Record<string, { readonly status: number; readonly body: unknown }>>;
}

/** Puts the examples of a service where OpenAPI wants them. @throws Error for one that the document has no place for */
export function addExamples(service: ServiceName, document: Document): void {
  const path = join(FOLDER, `${service}.json`);
  if (!existsSync(path)) return;
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as RecordedExamples;
  for (const [route, examples] of Object.entries(recorded.operations)) {
    const [method = '', address = ''] = route.split(' ');
    const operation = document.paths[address]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`there is an example of ${route}, which does not exist`);
    for (const example of examples) addExample(operation, example);
  }
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  for (const operation of operations) addProblems(operation, recorded.problems);
}

function addExample(operation: Operation, { name, request, answer }: RecordedExample): void {
  if (request.body !== undefined) {
    add(operation, operation.requestBody?.content, request.type ?? 'application/json', name, request.body);
  }
  if (answer.body !== undefined) {
    const content = contentOf(operation, answer.status);
    add(operation, content, answer.type ?? 'application/json', name, answer.body);
  }
}

/** The example that all operations share, where one has none of its own. */
function addProblems(operation: Operation, problems: RecordedExamples['problems']): void {
  for (const [code, { status, body }] of Object.entries(problems)) {
    const response = operation.responses[String(status)];
    if (response === undefined || '$ref' in response || !codesOf(response).includes(code)) continue;
    const media = response.content?.[PROBLEM_TYPE] ?? {};
    const own = Object.values(media.examples ?? {});
    if (own.some(({ value }) => (value as { readonly code?: unknown }).code === code)) continue;
    media.examples = { ...media.examples, [code]: { summary: code, value: body } };
  }
}

function contentOf({ responses }: Operation, status: number): Content | undefined {
  const response = responses[String(status)];
  return response === undefined || '$ref' in response ? undefined : response.content;
}

function add(operation: Operation, content: Content | undefined, type: string, name: string, value: unknown): void {
  const media = content?.[type.split(';')[0] ?? type];
  if (media === undefined) throw new Error(`${operation.operationId} has an example as ${type}, and no such content`);
  media.examples = { ...media.examples, [keyOf(name)]: { summary: name, value } };
}

/** Names of examples are keys, which OpenAPI wants without spaces. */
function keyOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
