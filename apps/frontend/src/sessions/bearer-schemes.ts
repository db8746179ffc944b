import type { Principal } from '@libs/auth';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

/** A kind of `Authorization: Bearer` credential that stands in for a session, known by how its text begins. */
export interface BearerScheme {
  /** With the underscore: `ovapi_`. */
  readonly prefix: string;

  /**
   * The person in whose name the request is, with no more roles than the credential gives on the route that was matched
   * (`request.route`).
   *
   * @throws InvalidCredential for one that is unknown, expired or revoked, all alike; AccessDenied for what it does not allow
   */
  authenticate(credential: string, request: Request): Promise<Principal>;
}

/** The schemes that the features have registered, each in its `onModuleInit`. */
@Injectable()
export class BearerSchemes {
  private readonly schemes: BearerScheme[] = [];

  register(scheme: BearerScheme): void {
    this.schemes.push(scheme);
  }

  schemeOf(credential: string): BearerScheme | undefined {
    return this.schemes.find(({ prefix }) => credential.startsWith(prefix));
  }
}
