import { MayBeLeftOut } from '@libs/contracts';
import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, MaxLength, MinLength } from 'class-validator';

/** As long as the column. */
export const MAX_DEVICE_NAME = 64;
const MAX_CSR = 16_384;

/** PKCS#10 in PEM; what it says is judged where the certificate is made. */
export const IsCsr = () => applyDecorators(IsString(), MinLength(1), MaxLength(MAX_CSR));

/** One line of text. */
export const IsDeviceName = () =>
  applyDecorators(
    IsString(),
    MaxLength(MAX_DEVICE_NAME),
    Matches(/^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u, {
      message: '$property must have a visible character at either end and no control characters',
    }),
  );

/** Body of a POST that fetches a certificate with a PSK. */
export class OwnKeyDto {
  /** PKCS#10 in PEM, for a key that stays where it was made: what is answered then has none. */
  @MayBeLeftOut()
  @IsCsr()
  csr?: string;
}
