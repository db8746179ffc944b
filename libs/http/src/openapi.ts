import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type ServiceName = 'frontend' | 'signing' | 'certtransparency';

/**
 * Serves the service's API document at `/api/v1/openapi.json` and a page to read it at `/api/docs`. It is the one in `docs/api`
 * that was reviewed with the code, and is read when somebody asks for it first.
 */
export function serveOpenApi(app: NestExpressApplication, service: ServiceName): void {
  SwaggerModule.setup('api/docs', app, () => apiDocument(service), {
    jsonDocumentUrl: 'api/v1/openapi.json',
    raw: ['json'],
    customSiteTitle: 'OpenVPN Manager: API',
  });
}

/** Built or not, the code stands below the folder that has the documents. */
function apiDocument(service: ServiceName): OpenAPIObject {
  const file = join('docs', 'api', `${service}.json`);
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const path = join(folder, file);
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as OpenAPIObject;
    if (folder === dirname(folder)) throw new Error(`${file} is missing`);
  }
}
