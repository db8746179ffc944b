import type { ServiceName } from '@libs/http';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { portablePattern } from './portable-pattern';
import type { Document } from './schema';
import { CONVENTIONS, SERVICES } from './services';
import { documentValidatedProperties } from './validated-properties';

export type ControllerClass = abstract new (...parameters: never[]) => object;

/** What Nest itself knows of a service's routes: paths, parameters, bodies. */
export interface NestScan {
  readonly document: Document;
  readonly controllers: ReadonlyMap<string, ControllerClass>;
}

/** Looks at the modules of a service; nothing of it is started, and no database is needed. */
export async function nestScan(service: ServiceName): Promise<NestScan> {
  const { title, description, module } = SERVICES[service];
  const app = await NestFactory.create<NestExpressApplication>(module(), { preview: true, logger: false });
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(title)
    .setDescription([description, ...CONVENTIONS].join('\n\n'))
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  documentValidatedProperties();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
  const modules = [...app.get(ModulesContainer).values()];
  const controllers = modules.flatMap((one) => [...one.controllers.values()]).map(({ metatype }) => metatype);
  return {
    document: JSON.parse(JSON.stringify(document), portable) as Document,
    controllers: new Map(controllers.map((metatype) => [metatype?.name ?? '', metatype as ControllerClass])),
  };
}

function portable(key: string, value: unknown): unknown {
  return key === 'pattern' && typeof value === 'string' ? portablePattern(value) : value;
}

/** A handler with two paths takes what the second has in it as a parameter. */
function operationId(controller: string, method: string): string {
  return `${controller}_${method.replace('[0]', '').replace('[1]', 'ByPath')}`;
}
