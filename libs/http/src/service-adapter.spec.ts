import { Controller, Get, Module, Req, Res } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Request, Response } from 'express';
import request from 'supertest';
import { ServiceAdapter } from './service-adapter';

@Controller()
class Greeting {
  @Get('greeting')
  greet(@Req() { query, ip }: Request, @Res() response: Response): void {
    response.status(201).json({ name: query['name'], hasAddress: typeof ip === 'string' });
  }
}

@Module({ controllers: [Greeting] })
class GreetingModule {}

it('leaves no prototype to change once a request is there, and has all that Express gives', async () => {
  const testing = await Test.createTestingModule({ imports: [GreetingModule] }).compile();
  const app = testing.createNestApplication(new ServiceAdapter());
  await app.listen(0, '127.0.0.1');
  const changed: object[] = [];
  const { setPrototypeOf } = Object;
  const spy = jest.spyOn(Object, 'setPrototypeOf').mockImplementation((value: object, prototype: object | null) => {
    const isMessage = 'httpVersion' in value || 'statusCode' in value;
    if (isMessage && Object.getPrototypeOf(value) !== prototype) changed.push(value);
    return setPrototypeOf(value, prototype) as object;
  });
  try {
    const answer = await request(await app.getUrl()).get('/greeting?name=ada');
    expect(answer).toMatchObject({ status: 201, body: { name: 'ada', hasAddress: true } });
    expect(spy).toHaveBeenCalled();
    expect(changed).toEqual([]);
  } finally {
    spy.mockRestore();
    await app.close();
  }
});
