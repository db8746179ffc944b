import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { IsInt, IsOptional, Max } from 'class-validator';
import { Type } from 'class-transformer';
import { LoggerModule } from 'nestjs-pino';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import {
  configureApp,
  currentRequestId,
  DomainError,
  IsWholeNumber,
  listen,
  ServiceModule,
  type RunningService,
} from '.';
import { Readiness } from './readiness';

class Thing {
  @IsInt()
  @Max(10)
  size: number;
}

class ThingQuery {
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, 200)
  limit?: number;
}

@Controller()
class ThingsController {
  @Post('things')
  create(@Body() thing: Thing) {
    return thing;
  }

  @Get('things')
  list(@Query() query: ThingQuery) {
    return { limit: query.limit ?? null, request_id: currentRequestId() };
  }

  @Get('secret/:token')
  secret(@Param('token') token: string) {
    throw new DomainError({ code: 'no_such_token', status: 404, title: 'No such token', detail: String(token.length) });
  }

  @Get('down')
  down() {
    throw new DomainError({
      code: 'log_down',
      status: 503,
      title: 'Down',
      detail: 'postgres://user:pw@host',
      retryAfterSeconds: 7,
    });
  }

  @Get('broken')
  broken() {
    throw new Error('the database password is hunter2');
  }
}

@Module({
  imports: [ServiceModule, LoggerModule.forRoot({ pinoHttp: { level: 'silent' } })],
  controllers: [ThingsController],
})
class ThingsModule {}

const LISTENER = {
  host: '127.0.0.1',
  port: 0,
  managementHost: '127.0.0.1',
  managementPort: 0,
  trustedProxies: 0,
  logLevel: 'silent' as const,
};

describe('configureApp', () => {
  let app: NestExpressApplication;
  let service: RunningService;
  beforeAll(async () => {
    const testing = await Test.createTestingModule({ imports: [ThingsModule] }).compile();
    app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false, forceCloseConnections: true });
    configureApp(app, {
      listener: LISTENER,
      https: true,
      secretPaths: [/^(\/secret)\/./],
      service: 'signing',
    });
    service = await listen(app, LISTENER);
  });
  afterAll(() => service.close());

  const http = () => request(service.url);

  it('answers every kind of failure with a problem document', async () => {
    const answers = await Promise.all([
      http().get('/nowhere?token=abc'),
      http().post('/things').send({ size: 11 }),
      http().post('/things').type('json').send('{"size":'),
      http().post('/things').send({ size: 1, colour: 'red' }),
      http().get('/things?limit=many'),
      http().get('/things?surprise=1'),
      http()
        .post('/things')
        .type('json')
        .send(`{"size":"${'x'.repeat(200_000)}"}`),
      http().get('/down'),
      http().get('/broken'),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([404, 422, 400, 422, 422, 422, 413, 503, 500]);
    for (const answer of answers) {
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({
        type: 'about:blank',
        status: answer.status,
        request_id: answer.headers['x-request-id'],
      });
      expect(answer.body.instance).not.toContain('?');
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('names each wrong field', async () => {
    const { body } = await http().post('/things').send({ size: 11, colour: 'red' });
    expect(body.errors.map((error: { field: string }) => error.field).sort()).toEqual(['colour', 'size']);
  });

  it.each([
    [{}, 'size is required'],
    [{ size: null }, 'size is required'],
    [{ size: 'ten' }, 'size must be an integer number'],
    [{ size: 11 }, 'size must not be greater than 10'],
  ])('says of %j that %s', async (body, message) => {
    const answer = await http().post('/things').send(body);
    expect(answer.body).toMatchObject({ detail: message, errors: [{ field: 'size', message }] });
  });

  it.each(['abc', '0', '201', '1.5', ''])('says which numbers are good for limit=%s', async (limit) => {
    const { body } = await http().get(`/things?limit=${limit}`).expect(422);
    expect(body.errors).toEqual([{ field: 'limit', message: 'limit must be a whole number from 1 to 200' }]);
  });

  it('says nothing about the inside of a 5xx and when to come back', async () => {
    const down = await http().get('/down');
    expect(down.headers['retry-after']).toBe('7');
    expect(down.text).not.toContain('postgres:');
    const broken = await http().get('/broken');
    expect(broken.text).not.toContain('hunter2');
  });

  it('keeps a secret path segment out of the problem document', async () => {
    const { body, text } = await http().get('/secret/abcdefghijklmnop');
    expect(body.instance).toBe('/secret');
    expect(text).not.toContain('abcdefghijklmnop');
  });

  it('accepts a well-formed request id, replaces another, and hands it on', async () => {
    const accepted = await http().get('/things').set('X-Request-Id', 'abc-123_45.6');
    expect(accepted.headers['x-request-id']).toBe('abc-123_45.6');
    expect(accepted.body.request_id).toBe('abc-123_45.6');
    const replaced = await http().get('/things').set('X-Request-Id', 'no spaces "allowed"');
    expect(replaced.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends the security headers', async () => {
    const { headers } = await http().get('/things');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['strict-transport-security']).toContain('max-age=31536000');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('answers /health on the public listener, and liveness, readiness and metrics on the management listener alone', async () => {
    await http().get('/health').expect(200, { status: 'ok' });
    await http().head('/health').expect(200);
    await http().post('/health').expect(404);
    await http().get('/metrics').expect(404);
    const management = request(service.managementUrl);
    await management.get('/health/live').expect(200);
    await management.get('/health/ready').expect(200, { status: 'ready', checks: {} });
    const metrics = await management.get('/metrics').expect(200);
    expect(metrics.text).toContain('http_request_duration_seconds');
    expect(metrics.text).not.toContain('abcdefghijklmnop');
    await management.post('/metrics').expect(405);
  });

  it('is not ready while a check fails', async () => {
    const readiness = app.get(Readiness);
    readiness.register('database', () => Promise.reject(new Error('gone')));
    await request(service.managementUrl)
      .get('/health/ready')
      .expect(503, { status: 'not_ready', checks: { database: 'failed' } });
    readiness.register('database', () => undefined);
    await request(service.managementUrl).get('/health/ready').expect(200);
  });

  it('has an index of its API', async () => {
    const { body } = await http().get('/api').expect(200);
    await http().get(body.openapi).expect(200);
    await http().get(body.documentation).expect(200);
  });

  it('serves the OpenAPI 3.1 document of its service as it was reviewed', async () => {
    const { body } = await http().get('/api/v1/openapi.json').expect(200);
    const reviewed = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'api', 'signing.json'), 'utf8');
    expect(body).toEqual(JSON.parse(reviewed));
    expect(body.openapi).toMatch(/^3\.1/);
  });

  it('names the taken port in one sentence', async () => {
    const port = Number(new URL(service.url).port);
    const other = (
      await Test.createTestingModule({ imports: [ThingsModule] }).compile()
    ).createNestApplication<NestExpressApplication>();
    await expect(listen(other, { ...LISTENER, port })).rejects.toThrow(`Port ${String(port)} is taken`);
  });
});
