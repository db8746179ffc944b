import { dayMs } from '@libs/pki';
import { STANDARD_OUTPUT, assertWritable, presentCertificate } from '../output';
import { type Surroundings, progress } from '../surroundings';

/** Where something fetched goes. */
export interface Target {
  /** A path, or `-` for standard output. */
  readonly output: string;
  readonly force: boolean;
  /** Nothing is done while what stands there is good for longer; what is not is replaced. */
  readonly ifExpiresWithinDays: number | undefined;
}

/** Whether there is anything to do; afterwards it can be written. @throws Failed */
export async function prepare(
  { output, force, ifExpiresWithinDays }: Target,
  surroundings: Surroundings,
): Promise<boolean> {
  if (ifExpiresWithinDays !== undefined) {
    const present = await presentCertificate(output);
    if (present !== undefined && present.notAfter.getTime() - Date.now() > ifExpiresWithinDays * dayMs) {
      progress(surroundings, `${output} is good until ${present.notAfter.toISOString()}: nothing to do.`);
      return false;
    }
  }
  await assertWritable(output, overwrites({ output, force, ifExpiresWithinDays }));
  return true;
}

export function overwrites({ force, ifExpiresWithinDays }: Target): boolean {
  return force || ifExpiresWithinDays !== undefined;
}

export function isStandardOutput({ output }: Target): boolean {
  return output === STANDARD_OUTPUT;
}
