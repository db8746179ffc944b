import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ListenerSettings } from '@libs/config';
import { json, urlencoded, type NextFunction, type Request, type Response } from 'express';
import { Logger } from 'nestjs-pino';
import { accessLog } from './access-log';
import { Metrics } from './metrics';
import { Readiness } from './readiness';
import { serveOpenApi, type ServiceName } from './openapi';
import { ProblemFilter, type ProblemFilterOptions } from './problem.filter';
import { requestIdMiddleware } from './request-context';
import { securityHeaders } from './security-headers';
import { validationPipe } from './validation';

export interface ConfigureAppOptions extends ProblemFilterOptions {
  readonly listener: Pick<ListenerSettings, 'trustedProxies'>;
  readonly https: boolean;
  /** Whose API document is served. */
  readonly service: ServiceName;
  /** Where forms may lead besides the service itself: the origin of the identity provider. */
  readonly formActionOrigins?: readonly string[];
  /** Largest body that is read; default 128 kB. */
  readonly bodyLimit?: string;
  /** Middleware after security headers and before the routes: sessions, static files. */
  readonly middleware?: readonly ((request: Request, response: Response, next: NextFunction) => void)[];
}

/**
 * What every service does alike: request ids, security headers, limits, validation, problem documents, `/health`,
 * OpenAPI, logs, and a shutdown that lets requests end. Create the app with `bodyParser: false` and `bufferLogs: true`.
 */
export function configureApp(app: NestExpressApplication, options: ConfigureAppOptions): void {
  const filter = new ProblemFilter(options);
  const limit = options.bodyLimit ?? '128kb';
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  app.set('trust proxy', options.listener.trustedProxies);
  app.set('etag', false);
  app.use(requestIdMiddleware, accessLog, app.get(Metrics).middleware, app.get(Readiness).middleware);
  app.use(securityHeaders(options));
  app.use('/api/docs', relaxStylesForApiPage);
  app.use('/health', answering({ status: 'ok' }));
  app.use('/api', answering(API_INDEX));
  app.use(json({ limit, strict: true }), urlencoded({ limit, extended: false, parameterLimit: 100 }));
  for (const middleware of options.middleware ?? []) app.use(middleware);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(filter);
  serveOpenApi(app, options.service);
  app.enableShutdownHooks();
}

const API_INDEX = { version: 'v1', openapi: '/api/v1/openapi.json', documentation: '/api/docs', health: '/health' };

/** A fixed answer at the mount point itself; what lies below it goes on to the routes. */
function answering(body: object) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.path !== '/' || !['GET', 'HEAD'].includes(request.method)) next();
    else response.set('Cache-Control', 'no-store').json(body);
  };
}

/** The viewer for the API document brings its own inline styles and data: images. */
function relaxStylesForApiPage(_request: Request, response: Response, next: NextFunction): void {
  const policy = response.getHeader('Content-Security-Policy');
  if (typeof policy === 'string') {
    response.setHeader(
      'Content-Security-Policy',
      policy
        .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        .replace("img-src 'self'", "img-src 'self' data:"),
    );
  }
  next();
}
