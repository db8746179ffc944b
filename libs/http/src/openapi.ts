import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { documentValidatedProperties } from './openapi-properties';

export interface OpenApiInfo {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

/** OpenAPI 3.1 of all routes under `/api`, made from the controllers and their DTOs. */
export function openApiDocument(app: NestExpressApplication, info: OpenApiInfo): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(info.title)
    .setDescription(info.description)
    .setVersion(info.version)
    .addCookieAuth('session', { type: 'apiKey', in: 'cookie', description: 'The session of a signed-in person' })
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'X-CSRF-Token',
        description: 'csrf_token of GET /api/v1/me, beside the session',
      },
      'csrf',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'Pre-shared key or service key' })
    .build();
  documentValidatedProperties();
  const document = SwaggerModule.createDocument(app, config);
  for (const [path, operations] of Object.entries(document.paths)) describePathParameters(path, operations);
  return document;
}

type PathItem = OpenAPIObject['paths'][string];

/** What stands in a path is a parameter of its operations, also where a handler reads it from the request by itself. */
function describePathParameters(path: string, item: PathItem): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  for (const operation of [item.get, item.head, item.post, item.put, item.patch, item.delete]) {
    if (operation === undefined) continue;
    const described = new Set(
      operation.parameters?.map((parameter) => ('in' in parameter && parameter.in === 'path' ? parameter.name : '')),
    );
    const missing = names.filter((name) => !described.has(name));
    const parameters = missing.map((name) => ({
      name,
      in: 'path' as const,
      required: true,
      schema: { type: 'string' },
    }));
    operation.parameters = [...parameters, ...(operation.parameters ?? [])];
  }
}

/** Serves the document at `/api/v1/openapi.json` and a page to read it at `/api/docs`. */
export function serveOpenApi(app: NestExpressApplication, info: OpenApiInfo): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app, info), {
    jsonDocumentUrl: 'api/v1/openapi.json',
    raw: ['json'],
    customSiteTitle: info.title,
  });
}
