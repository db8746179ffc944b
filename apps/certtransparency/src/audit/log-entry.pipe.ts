import { Injectable, type PipeTransform } from '@nestjs/common';
import { CrlEntry, IssuedEntry, type LogEntry, RevokedEntry } from '@libs/contracts';
import { InvalidRequest, validationPipe } from '@libs/http';

const TYPES = { issued: IssuedEntry, revoked: RevokedEntry, crl: CrlEntry } as const;

/** Validates a body by the class that its `type` names: the global pipe knows one class for a parameter, not three. */
@Injectable()
export class LogEntryPipe implements PipeTransform<unknown, Promise<LogEntry>> {
  private readonly pipe = validationPipe();

  async transform(body: unknown): Promise<LogEntry> {
    const type = typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined;
    if (type !== 'issued' && type !== 'revoked' && type !== 'crl') {
      throw new InvalidRequest([{ field: 'type', message: 'type must be one of issued, revoked, crl' }]);
    }
    return (await this.pipe.transform(body, { type: 'body', metatype: TYPES[type] })) as LogEntry;
  }
}
