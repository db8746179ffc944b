import { MayBeLeftOut } from '@libs/contracts';
import { IsString, MaxLength } from 'class-validator';

/** Fields of the confirmation page's form; parseCliLogin checks what they say. */
export class CliLoginForm {
  @IsString()
  @MaxLength(5)
  cli_port: string;

  @MayBeLeftOut()
  @IsString()
  @MaxLength(2_000)
  optionset?: string;
}
