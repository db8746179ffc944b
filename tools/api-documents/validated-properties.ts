import { ApiProperty } from '@nestjs/swagger';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage';
import { getMetadataStorage } from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';

type Class = abstract new (...parameters: never[]) => object;

interface PropertySchema {
  readonly $ref?: string;
  readonly items?: { readonly $ref?: string };
  readonly [keyword: string]: unknown;
}

const PROPERTY = 'swagger/apiModelProperties';
/** What a rule adds to a property that says more about itself with `@ApiProperty`. */
const LIMITS = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'uniqueItems'];

/**
 * Tells OpenAPI what the validation rules of every loaded DTO say, so that the two cannot differ: types, limits, patterns,
 * required fields, defaults. What a property says about itself with `@ApiProperty` counts more.
 */
export function documentValidatedProperties(): void {
  const schemas = validationMetadatasToSchemas({
    classTransformerMetadataStorage: defaultMetadataStorage,
    refPointerPrefix: '#/components/schemas/',
  });
  for (const target of validatedClasses()) {
    const { properties = {}, required = [] } = schemas[target.name] ?? {};
    for (const [name, schema] of Object.entries(properties)) {
      document(target, name, schema as PropertySchema, required.includes(name));
    }
  }
}

function document(target: Class, name: string, schema: PropertySchema, required: boolean): void {
  const prototype = target.prototype as object;
  const said = Reflect.getMetadata(PROPERTY, prototype, name) as Readonly<Record<string, unknown>> | undefined;
  if (said !== undefined) {
    const limits = Object.entries(schema).filter(([keyword]) => LIMITS.includes(keyword));
    // Told anew of an inherited one, too: a class that says something about itself does not ask its parent.
    tell(target, name, { ...Object.fromEntries(limits), ...said });
    return;
  }
  const nested = defaultMetadataStorage.findTypeMetadata(target, name);
  const isArray = schema.items?.$ref !== undefined;
  if (isArray || schema.$ref !== undefined) {
    tell(target, name, { type: () => nested.typeFunction() as Class, isArray, required });
    return;
  }
  const rules = rulesOf(target, name);
  const type = rules.includes('isInt') && schema['type'] === 'number' ? { type: 'integer' } : {};
  // What has a value from the start may be left out; a constant only tells kinds of things apart.
  const initial = rules.includes('equals') ? undefined : initialValue(target, name);
  const optional = initial === undefined ? { required } : { required: false, default: initial };
  tell(target, name, { ...schema, ...type, ...optional });
}

function tell(target: Class, name: string, options: Readonly<Record<string, unknown>>): void {
  ApiProperty(options)(target.prototype as object, name);
}

/** Names of class-validator's constraints on a property, inherited ones included. */
function rulesOf(target: Class, name: string): readonly (string | undefined)[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false);
  return metadata.filter(({ propertyName }) => propertyName === name).map((rule) => rule.name ?? rule.type);
}

function initialValue(target: Class, name: string): unknown {
  const instance = Reflect.construct(target as new () => object, []) as Readonly<Record<string, unknown>>;
  return instance[name];
}

function validatedClasses(): Class[] {
  const { validationMetadatas } = getMetadataStorage() as unknown as {
    readonly validationMetadatas: ReadonlyMap<Class | string, unknown>;
  };
  return [...validationMetadatas.keys()].filter((target): target is Class => typeof target === 'function');
}
