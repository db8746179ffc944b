import type { DocumentedAnswer, ServiceName } from '@libs/http';
import type ts from 'typescript';
import type { AnswerTypes } from './answer-types';
import { accessSentence, securityOf } from './described-access';
import type { ProblemTitles } from './problem-titles';
import { problemAnswer, refusalsOf } from './problems';
import type { Route } from './routes';
import type { Answer, Content, Operation, Parameter, Schema } from './schema';
import type { Sources } from './sources';

/** Completes what Nest knows of operations by what types, doc comments and decorators say. */
export class Operations {
  /** What is not said and has to be. */
  readonly gaps: string[] = [];

  constructor(
    private readonly service: ServiceName,
    private readonly folder: string,
    private readonly sources: Sources,
    private readonly types: AnswerTypes,
    private readonly titles: ProblemTitles,
  ) {}

  complete(operation: Operation, route: Route): void {
    const declaration = this.sources.classNamed(route.controller.name, this.folder);
    const method = this.sources.methodOf(declaration, route.handlerName);
    const comment = this.sources.commentOf(method);
    if (comment === undefined) this.gaps.push(`${operation.operationId} has no doc comment`);
    Object.assign(operation, {
      ...texts(comment ?? '', accessSentence(route)),
      security: securityOf(this.service, route),
      parameters: this.parameters(operation, route, method),
      responses: { ...this.successes(operation, route, method), ...this.problems(route) },
    });
  }

  private parameters(operation: Operation, route: Route, method: ts.MethodDeclaration): Parameter[] {
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const known = operation.parameters ?? [];
    // What stands in the path is not looked for in the query as well.
    const others = known.filter(({ name }) => !inPath.includes(name));
    const path = inPath.map((name) => {
      const scanned = known.find((parameter) => parameter.name === name && parameter.in === 'path');
      return scanned ?? { name, in: 'path', required: true, schema: { type: 'string' } };
    });
    return [...path, ...others].map((parameter) => {
      const said = parameter.description ?? this.parameterText(parameter, route, method);
      if (said === undefined) this.gaps.push(`${operation.operationId}: ${parameter.name} has no doc comment`);
      return { ...parameter, ...(said !== undefined && { description: said }) };
    });
  }

  private parameterText(
    { name, in: place }: Parameter,
    route: Route,
    method: ts.MethodDeclaration,
  ): string | undefined {
    const { query, path } = route.validated;
    const dto = place === 'query' ? query : path;
    const member = dto && this.sources.memberComment(this.sources.classNamed(dto.name, this.folder), name);
    return member ?? this.sources.parameterComment(method, name);
  }

  private successes(operation: Operation, route: Route, method: ts.MethodDeclaration): Record<string, Answer> {
    const answers: Record<string, Answer> = {};
    const returned = this.returned(route, method);
    if (returned !== undefined) answers[String(route.status)] = returned;
    for (const answer of route.answers) answers[String(answer.status)] = this.declared(answer);
    if (Object.keys(answers).length === 0) this.gaps.push(`${operation.operationId} does not say what it answers`);
    return answers;
  }

  /** Undefined for a handler that writes to the response by itself. */
  private returned(route: Route, method: ts.MethodDeclaration): Answer | undefined {
    const { fixedHeaders, headers, status } = route;
    const { 'Content-Type': type = 'application/json', ...fixed } = fixedHeaders;
    const schema = method.type && this.types.schemaOf(method.type);
    if (schema === undefined) {
      const hasNothing = status === 204 || route.method === 'head';
      return hasNothing && route.answers.length === 0
        ? { description: 'Nothing but the headers.', ...described({ ...fixedTexts(fixed), ...headers }) }
        : undefined;
    }
    const mediaType = type.split(';')[0] ?? type;
    const paged = isPage(schema) ? { Link: 'RFC 8288 target of the next page; absent on the last one.' } : {};
    return {
      description: this.types.descriptionOf(schema) ?? 'The answer.',
      ...described({ ...fixedTexts(fixed), ...paged, ...headers }),
      content: { [mediaType]: { schema } },
    };
  }

  private declared({ description, content = [], json, headers = {} }: DocumentedAnswer): Answer {
    const asJson: Content =
      json === undefined
        ? {}
        : { 'application/json': { schema: this.types.schemaOfNode(this.sources.typeNamed(json, this.folder)) } };
    const others = content.map((type) => [type, { schema: bodyOf(type) }] as const);
    const all: Content = { ...asJson, ...(Object.fromEntries(others) as Content) };
    return {
      description,
      ...described(headers),
      ...(Object.keys(all).length > 0 && { content: all }),
    };
  }

  private problems(route: Route): Record<string, Answer> {
    const refusals = [...refusalsOf(this.service, route)].map(([status, codes]) => {
      return [String(status), problemAnswer(status, codes, (code) => this.titles.titleOf(code, status))] as const;
    });
    const answers = Object.fromEntries(refusals);
    if (route.method !== 'head') return answers;
    // An answer to HEAD has no body, whatever its status.
    return Object.fromEntries(refusals.map(([status, { description }]) => [status, { description }]));
  }
}

/** The first sentence names the operation, all of them describe it. */
function texts(comment: string, access: string | undefined): Pick<Operation, 'summary' | 'description'> {
  const [first = comment] = /^.*?[^.][.:](?= |$)/.exec(comment) ?? [];
  const summary = first.replace(/[.:]$/, '');
  return { summary, description: [comment, access].filter((text) => text !== undefined).join('\n\n') };
}

function fixedTexts(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `Always \`${value}\`.`]));
}

function described(headers: Readonly<Record<string, string>>): Pick<Answer, 'headers'> {
  const all = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } satisfies Schema },
  ]);
  return all.length === 0 ? {} : { headers: Object.fromEntries(all) as NonNullable<Answer['headers']> };
}

function isPage({ $ref }: Schema): boolean {
  return $ref?.endsWith('Page') === true;
}

/** Text, or bytes: which OpenAPI 3.1 says by the media type alone. */
function bodyOf(type: string): Schema {
  return type.startsWith('text/') ? { type: 'string' } : { type: 'string', contentMediaType: type };
}
