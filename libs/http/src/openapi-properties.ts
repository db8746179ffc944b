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

/**
 * Tells OpenAPI what the validation rules of every loaded DTO say, so that the two cannot differ: types, limits, patterns,
 * required fields. A property that says more about itself with `@ApiProperty` keeps what it says.
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
  if (Reflect.hasMetadata('swagger/apiModelProperties', prototype, name)) return;
  const nested = defaultMetadataStorage.findTypeMetadata(target, name);
  const isArray = schema.items?.$ref !== undefined;
  if (!isArray && schema.$ref === undefined) {
    ApiProperty({ ...(schema as Readonly<Record<string, unknown>>), required })(prototype, name);
    return;
  }
  ApiProperty({ type: () => nested.typeFunction() as Class, isArray, required })(prototype, name);
}

function validatedClasses(): Class[] {
  const { validationMetadatas } = getMetadataStorage() as unknown as {
    readonly validationMetadatas: ReadonlyMap<Class | string, unknown>;
  };
  return [...validationMetadatas.keys()].filter((target): target is Class => typeof target === 'function');
}
