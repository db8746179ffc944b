import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  mixin,
  type Type,
} from '@nestjs/common';
import type { Request } from 'express';
import type { Psk, PskKind } from './psk.entity';
import { PskKindNotAllowed, PskRejected } from './psk.errors';
import { PsksService } from './psks.service';

/** A request whose PSK a guard has accepted. */
interface PskRequest extends Request {
  psk?: Psk;
}

/**
 * Accepts `Authorization: Bearer <PSK>` of one kind. It uses nothing up: that is done with the issuance.
 *
 * @example `@Credential(PskGuard('server'))`
 */
export function PskGuard(kind: PskKind): Type<CanActivate> {
  @Injectable()
  class KindGuard implements CanActivate {
    constructor(private readonly psks: PsksService) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const request = context.switchToHttp().getRequest<PskRequest>();
      const psk = await this.psks.authenticate({
        secret: bearerOf(request.headers.authorization),
        clientAddress: request.ip,
        mayRepeat: request.method === 'POST' && request.headers['idempotency-key'] !== undefined,
      });
      if (psk.kind !== kind) throw new PskKindNotAllowed();
      request.psk = psk;
      return true;
    }
  }
  return mixin(KindGuard);
}

/** Handler parameter of a route behind PskGuard: the PSK that was presented. */
export const PresentedPsk = createParamDecorator((_: unknown, context: ExecutionContext): Psk => {
  const { psk } = context.switchToHttp().getRequest<PskRequest>();
  if (psk === undefined) throw new PskRejected();
  return psk;
});

/** Of anything that is no bearer credential an empty text is left, which goes the way of a wrong one. */
function bearerOf(authorization: string | undefined): string {
  return /^Bearer +([\x21-\x7e]{1,200}) *$/i.exec(authorization ?? '')?.[1] ?? '';
}
