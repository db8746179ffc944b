import { Body, Controller, Header, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ServiceCallers } from '@libs/auth';
import { Refuses } from '@libs/http';
import { commitmentToJson, decodeLeaf } from '@libs/tlog';
import { READER, WRITER } from '../callers';
import { LogDatabase } from '../database/log-database';
import { EntryNotFound } from './audit.errors';
import { ContextProofRequest, type ContextProofResponse } from './context-erasures.dto';

interface LeafRow extends Record<string, unknown> {
  readonly leaf: Buffer;
}

@ApiTags('private contexts')
@ServiceCallers(READER, WRITER)
@Controller('api/v1/context-proofs')
export class ContextProofsController {
  constructor(private readonly database: LogDatabase) {}

  /** Whether a context that somebody presents with its salt is the one that was recorded, erased since or not. */
  @Post()
  @HttpCode(HttpStatus.OK)
  @Header('Cache-Control', 'no-store')
  @Refuses(404, 'entry_not_found')
  @Refuses(503, 'log_unavailable')
  async prove(@Body() { index, salt, context }: ContextProofRequest): Promise<ContextProofResponse> {
    const row = await this.database.row<LeafRow>('SELECT leaf FROM ct.entry WHERE idx = $1', [index]);
    if (row === undefined) throw new EntryNotFound();
    const presented = commitmentToJson(Buffer.from(salt, 'base64'), context);
    return { proven: decodeLeaf(row.leaf).commitment.equals(presented) };
  }
}
