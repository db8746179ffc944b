import type { ServiceName } from '@libs/http';
import { AnswerTypes } from './answer-types';
import { securitySchemesOf } from './described-access';
import { addExamples } from './examples';
import { type NestScan, nestScan } from './nest-scan';
import { Operations } from './operations';
import { ProblemTitles } from './problem-titles';
import { PROBLEM } from './problems';
import { type RouteMethod, routeOf } from './routes';
import type { Document, Operation, Schema } from './schema';
import { SERVICES } from './services';
import { shareProblems } from './shared-problems';
import type { Sources } from './sources';

/** The modules that import everything that is described. */
export const ENTRIES = Object.values(SERVICES).map(({ folder }) => `${folder}/src/app.module.ts`);

export interface DescribedApi {
  readonly document: Document;
  /** What is not described and has to be. */
  readonly gaps: readonly string[];
}

/**
 * The API document of a service: its routes as Nest sees them, its answers by the types of the code, every text from a doc comment,
 * and the examples that were recorded in tests.
 */
export async function apiDocument(service: ServiceName, sources: Sources): Promise<DescribedApi> {
  const { folder } = SERVICES[service];
  const scan = await nestScan(service);
  const { document } = scan;
  const types = new AnswerTypes(sources.program);
  const operations = new Operations(service, folder, sources, types, new ProblemTitles(sources.program));
  for (const { operation, route } of routesOf(scan)) {
    operations.complete(operation, route);
    document.paths[route.path] = { ...document.paths[route.path], [route.method]: inOrder(operation) };
  }
  document.tags = tagsOf(scan, sources, folder);
  document.components = {
    schemas: schemasOf(scan, sources, folder, types),
    securitySchemes: securitySchemesOf(service),
  };
  addExamples(service, document);
  shareProblems(document);
  return { document, gaps: [...operations.gaps, ...untold(document)] };
}

/** As people read it. */
function inOrder({
  operationId,
  tags = [],
  summary = '',
  description = '',
  security = [],
  ...others
}: Operation): Operation {
  const { parameters = [], requestBody, responses } = others;
  const input = { parameters, ...(requestBody && { requestBody }) };
  return { operationId, tags, summary, description, security, ...input, responses };
}

function* routesOf({ document, controllers }: NestScan) {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const [name = '', handler = ''] = operation.operationId.split('_');
      const controller = controllers.get(name);
      if (controller === undefined) throw new Error(`there is no controller ${name}`);
      yield { operation, route: routeOf(method as RouteMethod, path, controller, handler.replace('ByPath', '')) };
    }
  }
}

/** Types and members that no doc comment describes. */
function untold({ components, tags = [] }: Document): readonly string[] {
  const schemas = Object.entries(components.schemas).flatMap(([name, schema]) => {
    const members = Object.entries(schema.properties ?? {}).filter(([, member]) => !isDescribed(member));
    const own = schema.description === undefined ? [name] : [];
    return [...own, ...members.map(([member]) => `${name}.${member}`)];
  });
  const topics = tags.filter(({ description }) => description === '').map(({ name }) => `tag ${name}`);
  return [...schemas, ...topics].map((name) => `${name} has no doc comment`);
}

/** A member of a type that has a name is described by that type, and so is one that is such a thing or null. */
function isDescribed({ description, $ref, anyOf }: Schema): boolean {
  return description !== undefined || $ref !== undefined || (anyOf ?? []).some((one) => one.$ref !== undefined);
}

/** What is said of a controller holds for what its routes are filed under. */
function tagsOf(scan: NestScan, sources: Sources, folder: string): NonNullable<Document['tags']> {
  const tags = new Map<string, Set<string>>();
  for (const { operation, route } of routesOf(scan)) {
    const comment = sources.commentOf(sources.classNamed(route.controller.name, folder));
    for (const tag of operation.tags ?? []) {
      const said = tags.get(tag) ?? new Set();
      if (comment !== undefined) said.add(comment);
      tags.set(tag, said);
    }
  }
  return [...tags].map(([name, said]) => ({ name, description: [...said].join(' ') }));
}

/** Requests by the classes that they are validated by, answers by their types; where both know a type, the class says more. */
function schemasOf({ document }: NestScan, sources: Sources, folder: string, types: AnswerTypes) {
  const schemas: Record<string, Schema> = { Problem: PROBLEM };
  for (const [name, schema] of types.schemas) schemas[name] = schema;
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const declaration = sources.classNamed(name, folder);
    const { properties = {} } = schema;
    for (const [member, described] of Object.entries(properties)) {
      properties[member] = requested(described, sources.memberComment(declaration, member));
    }
    const comment = sources.commentOf(declaration);
    schemas[name] = { ...schema, ...(comment !== undefined && { description: comment }), additionalProperties: false };
  }
  return Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** A member of a request; what may be null is a type of its own since OpenAPI 3.1. */
function requested({ nullable, type, ...schema }: Schema, comment: string | undefined): Schema {
  const types = nullable === true && typeof type === 'string' ? [type, 'null'] : type;
  return {
    ...(comment !== undefined && { description: comment }),
    ...(types !== undefined && { type: types }),
    ...schema,
  };
}
