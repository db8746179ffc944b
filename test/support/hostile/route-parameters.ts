import { type INestApplicationContext, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { getMetadataStorage } from 'class-validator';

/** What a route reads of a request, by what its controller declares. */
export interface RouteParameters {
  /** `METHOD /path/:parameter`. */
  readonly route: string;
  readonly query: readonly string[];
  /** With a dot what lies within another field. */
  readonly body: readonly string[];
  /** It takes a body whose fields no single class declares. */
  readonly takesUndeclaredBody: boolean;
}

interface Argument {
  readonly index: number;
  /** Name of the one field that is wanted; without one the argument is the whole. */
  readonly data?: unknown;
}

type Controller = Type<object>;

/** Every route of the running app's controllers. */
export function routesOf(app: Pick<INestApplicationContext, 'get'>): readonly RouteParameters[] {
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
  const takesUndeclaredBody = body.length === 0 && argumentsOf(controller, name, RouteParamtypes.BODY).length > 0;
  return pathsOf(controller).flatMap((prefix) =>
    paths.map((path) => ({ route: `${method} ${joined(prefix, path)}`, query, body, takesUndeclaredBody })),
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
  const types = (Reflect.getMetadata('design:paramtypes', prototypeOf(controller), method) ?? []) as readonly Type[];
  return argumentsOf(controller, method, kind).flatMap(({ index, data }) =>
    typeof data === 'string' ? [data] : validatedFieldsOf(types[index]),
  );
}

function argumentsOf(controller: Controller, method: string, kind: RouteParamtypes): readonly Argument[] {
  const all = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Readonly<
    Record<string, Argument>
  >;
  return Object.entries(all)
    .filter(([key]) => key.startsWith(`${String(kind)}:`))
    .map(([, argument]) => argument);
}

function validatedFieldsOf(dto: Type | undefined): readonly string[] {
  if (dto === undefined) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
  return names.flatMap((name) => [name, ...within(dto, name).map((inner) => `${name}.${inner}`)]);
}

function within(dto: Type, name: string): readonly string[] {
  const nested = defaultMetadataStorage.findTypeMetadata(dto, name) as
    { readonly typeFunction: () => unknown } | undefined;
  return validatedFieldsOf(nested?.typeFunction() as Type | undefined);
}

function prototypeOf(controller: Controller): object {
  return controller.prototype as object;
}
