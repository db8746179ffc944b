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
  return SwaggerModule.createDocument(app, config);
}

/** Serves the document at `/api/v1/openapi.json` and a page to read it at `/api/docs`. */
export function serveOpenApi(app: NestExpressApplication, info: OpenApiInfo): void {
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app, info), {
    jsonDocumentUrl: 'api/v1/openapi.json',
    raw: ['json'],
    customSiteTitle: info.title,
  });
}
