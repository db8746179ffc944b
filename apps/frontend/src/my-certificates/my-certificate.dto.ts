import { MayBeLeftOut, type RevocationReason } from '@libs/contracts';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';

/** What the owner of a device can know; the other reasons are for whoever runs the service. */
export const OWNER_REASONS = [
  'unspecified',
  'key_compromise',
  'superseded',
  'cessation_of_operation',
] as const satisfies readonly RevocationReason[];

/** Body of the revocation of one's own certificates. */
export class RevokeMineDto {
  /** Why. */
  @MayBeLeftOut()
  @IsIn(OWNER_REASONS)
  @ApiProperty({ enum: OWNER_REASONS, required: false, default: 'unspecified' })
  reason?: (typeof OWNER_REASONS)[number];
}
