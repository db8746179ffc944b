import type { NestExpressApplication } from '@nestjs/platform-express';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Metrics } from './metrics';
import { Readiness } from './readiness';

/** Liveness, readiness and metrics on a listener of their own, which is not published. */
export function managementServer(app: NestExpressApplication): Server {
  const readiness = app.get(Readiness);
  const metrics = app.get(Metrics);
  return createServer((request, response) => {
    answer(request, response, readiness, metrics).catch(() => {
      response.destroy();
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  readiness: Readiness,
  metrics: Metrics,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, 'text/plain', 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    return;
  }
  switch (request.url) {
    case '/health/live':
      send(response, 200, 'application/json', JSON.stringify({ status: 'live' }));
      return;
    case '/health/ready': {
      const report = await readiness.report();
      send(response, report.status === 'not_ready' ? 503 : 200, 'application/json', JSON.stringify(report));
      return;
    }
    case '/metrics':
      send(response, 200, metrics.registry.contentType, await metrics.registry.metrics());
      return;
    default:
      send(response, 404, 'text/plain', 'here are /health/live, /health/ready and /metrics\n');
  }
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
