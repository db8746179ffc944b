import { DomainError, InvalidRequest } from '@libs/http';
import { sha256 } from '@libs/pki';
import type { Request } from 'express';
import { type CertificateOrder, ownerOf } from './certificate-order';
import { spkiOf } from './certificate-key';

const HEADER = 'Idempotency-Key';
const FORMAT = /^[A-Za-z0-9._~-]{8,128}$/;

/** The first request with this key is still under way: 409, and the same request may be sent again. */
export class IdempotencyKeyInUse extends DomainError {
  constructor() {
    super({
      code: 'idempotency_key_in_use',
      status: 409,
      title: 'The first request with this Idempotency-Key is still under way',
      retryAfterSeconds: 5,
    });
  }
}

/** The key came with another request before. */
export class IdempotencyKeyReused extends DomainError {
  constructor() {
    super({
      code: 'idempotency_key_reused',
      status: 422,
      title: 'This Idempotency-Key was used for another request',
    });
  }
}

/** The request was carried out, and what it gave cannot be given again: its key stands nowhere, or it has been revoked. */
export class IdempotencyKeyUsed extends DomainError {
  constructor(fingerprint: string) {
    super({
      code: 'idempotency_key_used',
      status: 409,
      title: 'This request was carried out before',
      detail: 'Its private key was handed out once and is kept nowhere. Ask anew with another Idempotency-Key.',
      extensions: { fingerprint },
    });
  }
}

/** @throws InvalidRequest for a header that is no key */
export function idempotencyKeyOf({ headers }: Pick<Request, 'headers'>): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && FORMAT.test(key)) return key;
  const message = `${HEADER} must have 8 to 128 letters, digits or ._~-`;
  throw new InvalidRequest([{ field: HEADER, message }]);
}

/** Whose key it is and what it stands for, as an issuance remembers them. */
export interface Idempotency {
  readonly idempotencyHash: string;
  readonly requestHash: string;
}

/** @returns undefined for an order without key */
export function idempotencyOf(order: CertificateOrder): Idempotency | undefined {
  const { idempotencyKey, requester, csr } = order;
  if (idempotencyKey === undefined) return undefined;
  const publicKey = csr === undefined ? null : spkiOf(csr).toString('hex');
  const { kind, options, deviceName, renews } = order;
  return {
    idempotencyHash: hexHash(`${ownerOf(requester)}\n${idempotencyKey}`),
    requestHash: hexHash(JSON.stringify([kind, options, deviceName ?? null, renews ?? null, publicKey])),
  };
}

function hexHash(text: string): string {
  return sha256(Buffer.from(text)).toString('hex');
}
