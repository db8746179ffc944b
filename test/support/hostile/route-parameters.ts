import { RequestMethod, type INestApplicationContext, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { getMetadataStorage } from 'class-validator';

/** What a route reads of a request, by what its controller declares. */
export interface RouteParameters {
  /** `METHOD /path/:parameter`. */
  readonly route: string;
  readonly query: readonly string[];
  readonly body: readonly string[];
}

interface Argument {
  readonly index: number;
  /** Name of the one field that is wanted; without one the argument is the whole. */
  readonly data?: unknown;
}

type Controller = Type<object>;

/** Every route of the running app's controllers. */
export function routesOf(app: INestApplicationContext): readonly RouteParameters[] {
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules.flatMap(({ controllers: wrappers }) => [...wrappers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as Controller;
    const methods = new MetadataScanner().getAllMethodNames(prototypeOf(controller));
    return methods.flatMap((method) => routesOfMethod(controller, method));
  });
}

function routesOfMethod(controller: Controller, name: string): readonly RouteParameters[] {
  const handler: unknown = Reflect.get(prototypeOf(controller), name);
  const paths = pathsOf(handler as object);
  if (paths.length === 0) return [];
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler as object) as RequestMethod];
  const query = fieldsOf(controller, name, RouteParamtypes.QUERY);
  const body = fieldsOf(controller, name, RouteParamtypes.BODY);
  return pathsOf(controller).flatMap((prefix) =>
    paths.map((path) => ({ route: `${method} ${joined(prefix, path)}`, query, body })),
  );
}

function pathsOf(target: object): readonly string[] {
  return [(Reflect.getMetadata(PATH_METADATA, target) ?? []) as string | string[]].flat();
}

function joined(...parts: readonly string[]): string {
  return `/${parts
    .map((part) => part.replace(/^\/|\/$/g, ''))
    .filter((part) => part !== '')
    .join('/')}`;
}

/** The names that the DTO has rules for, and those that are asked for by themselves. */
function fieldsOf(controller: Controller, method: string, kind: RouteParamtypes): readonly string[] {
  const argumentsOfMethod = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Readonly<
    Record<string, Argument>
  >;
  const types = (Reflect.getMetadata('design:paramtypes', prototypeOf(controller), method) ?? []) as readonly Type[];
  return Object.entries(argumentsOfMethod)
    .filter(([key]) => key.startsWith(`${String(kind)}:`))
    .flatMap(([, { index, data }]) => (typeof data === 'string' ? [data] : validatedFieldsOf(types[index])));
}

function validatedFieldsOf(dto: Type | undefined): readonly string[] {
  if (dto === undefined) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

function prototypeOf(controller: Controller): object {
  return controller.prototype as object;
}
