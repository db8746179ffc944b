import { IsWholeNumber } from '@libs/http';
import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** Query of every list: how many, and where the page before ended. */
export class PageQuery {
  /** How many at most; default 50. */
  @IsOptional()
  @Type(() => Number)
  @IsWholeNumber(1, 200)
  limit?: number;

  /** `next_cursor` of the page before, which was asked for with the same conditions. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}
