import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';

/**
 * Express gives requests and responses its own prototypes after Node has made them. To V8 each is then a kind of object of its own,
 * and with it everything that a request has allocated outlives young-generation collections: full collections every few hundred
 * requests, and pauses of up to 20 ms. Here Node makes them with those prototypes, and there is nothing left to change.
 */
export class ServiceAdapter extends ExpressAdapter {
  constructor() {
    super(express());
  }

  override initHttpServer(): void {
    const app = this.getInstance<Express>();
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse extends ServerResponse {}
    app.request = below(app.request, ExpressRequest.prototype);
    app.response = below(app.response, ExpressResponse.prototype);
    this.httpServer = createServer({ IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse }, app);
  }
}

/** The prototype of a class, which has from now on what Express' prototype has. */
function below<T extends object>(expressPrototype: T, prototype: object): T {
  return Object.setPrototypeOf(prototype, expressPrototype) as T;
}
