export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** How far notBefore and thisUpdate lie in the past, so that a clock that is somewhat slow accepts them at once. */
export const backdatingMs = 5 * 60_000;

export const dayMs = 86_400_000;

const floorToSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

/**
 * From five minutes before `now` to `days` after it, in whole seconds, never outside `issuer`: a certificate that outlives
 * its issuer cannot be verified to its end. An expired or not yet valid issuer is an error.
 */
export function validityWithin(issuer: Validity | undefined, now: Date, days: number): Validity {
  if (!Number.isInteger(days) || days < 1) throw new RangeError('a validity is a whole number of days, at least one');
  const begin = now.getTime() - backdatingMs;
  const end = now.getTime() + days * dayMs;
  if (issuer === undefined) return { notBefore: floorToSecond(begin), notAfter: floorToSecond(end) };
  if (now < issuer.notBefore) throw new IssuerNotValid('The issuing certificate is not valid yet.');
  if (now >= issuer.notAfter) throw new IssuerNotValid('The issuing certificate has expired.');
  return {
    notBefore: floorToSecond(Math.max(begin, issuer.notBefore.getTime())),
    notAfter: floorToSecond(Math.min(end, issuer.notAfter.getTime())),
  };
}

/** The issuer's own certificate has expired or is not valid yet: nothing may be issued from it. */
export class IssuerNotValid extends Error {
  override readonly name = 'IssuerNotValid';
}
