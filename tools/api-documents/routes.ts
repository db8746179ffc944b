import { ACCESS_DECISION, type AccessDecision } from '@libs/auth';
import {
  type DocumentedAnswer,
  documentedAnswers,
  documentedHeaders,
  type DocumentedRefusal,
  documentedRefusals,
} from '@libs/http';
import { HEADERS_METADATA, HTTP_CODE_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import type { ControllerClass } from './nest-scan';

export type RouteMethod = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

/** What a handler's decorators say. */
export interface Route {
  readonly method: RouteMethod;
  readonly path: string;
  readonly controller: ControllerClass;
  readonly handlerName: string;
  readonly access: AccessDecision | undefined;
  /** Status of what is returned. */
  readonly status: number;
  readonly answers: readonly DocumentedAnswer[];
  readonly refusals: readonly DocumentedRefusal[];
  /** Of what is returned: fixed values, and what others say. */
  readonly fixedHeaders: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The classes that body, query and path parameters are validated by. */
  readonly validated: Readonly<Partial<Record<'body' | 'query' | 'path', ControllerClass>>>;
  readonly takesBody: boolean;
}

export function routeOf(method: RouteMethod, path: string, controller: ControllerClass, handlerName: string): Route {
  const prototype = controller.prototype as Readonly<Record<string, (...parameters: never[]) => unknown>>;
  const handler = prototype[handlerName];
  if (handler === undefined) throw new Error(`${controller.name} has no ${handlerName}`);
  const read = (key: string): unknown => Reflect.getMetadata(key, handler);
  const fixed = (read(HEADERS_METADATA) ?? []) as readonly { readonly name: string; readonly value: string }[];
  const parameters = argumentsOf(controller, handlerName);
  return {
    method,
    path,
    controller,
    handlerName,
    access: (read(ACCESS_DECISION) ?? Reflect.getMetadata(ACCESS_DECISION, controller)) as AccessDecision | undefined,
    status: (read(HTTP_CODE_METADATA) as number | undefined) ?? (method === 'post' ? 201 : 200),
    answers: documentedAnswers(handler),
    refusals: [...documentedRefusals(controller), ...documentedRefusals(handler)],
    fixedHeaders: Object.fromEntries(fixed.map(({ name, value }) => [name, value])),
    headers: documentedHeaders(handler),
    validated: validatedBy(parameters),
    takesBody: parameters.some(({ kind }) => kind === 'BODY'),
  };
}

interface Argument {
  /** `BODY`, `QUERY`, `PARAM`, … */
  readonly kind: string | undefined;
  /** `id` of `@Param('id')`; undefined for the whole. */
  readonly name: string | undefined;
  readonly type: ControllerClass;
}

function argumentsOf(controller: ControllerClass, handlerName: string): readonly Argument[] {
  const found = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handlerName) ?? {}) as Readonly<
    Record<string, { readonly index: number; readonly data?: string }>
  >;
  const types = (Reflect.getMetadata('design:paramtypes', controller.prototype as object, handlerName) ??
    []) as readonly ControllerClass[];
  return Object.entries(found).map(([key, { index, data }]) => ({
    kind: RouteParamtypes[Number(key.split(':')[0])],
    name: data,
    type: types[index] ?? Object,
  }));
}

const VALIDATED = [
  ['body', 'BODY'],
  ['query', 'QUERY'],
  ['path', 'PARAM'],
] as const;

function validatedBy(parameters: readonly Argument[]): Route['validated'] {
  const found = VALIDATED.flatMap(([place, wanted]) => {
    const whole = parameters.find(({ kind, name, type }) => kind === wanted && name === undefined && isClass(type));
    return whole === undefined ? [] : [[place, whole.type] as const];
  });
  return Object.fromEntries(found);
}

/** A union or a literal type is emitted as Object. */
function isClass(type: ControllerClass): boolean {
  return ![Object, String, Number, Boolean, Array].includes(type as never);
}
