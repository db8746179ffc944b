import type { IsoUtc } from '@libs/contracts';
import { crlAuthorityOf, crlNumberOf, crlSerialNumbers, onlyCommonName, type ParsedCrl } from '@libs/pki';

const DAY_MS = 86_400_000;

/** The CRL of one issuer, as OpenVPN servers get it. */
export interface IssuerCrlState {
  /** CN of the issuer's subject. */
  readonly issuer: string;
  /** Of the issuer, hex; null where the CRL does not say. */
  readonly authority_key_id: string | null;
  /** CRL number (RFC 5280 §5.2.3); null where the CRL does not say. */
  readonly number: number | null;
  readonly this_update: IsoUtc;
  /** From then on OpenVPN refuses everybody; null where the CRL does not say. */
  readonly next_update: IsoUtc | null;
  /** How many it lists. */
  readonly revoked_certificates: number;
}

/** Answer to `GET /api/v1/admin/crl`. */
export interface CrlStateResponse {
  /**
   * Of the CRL that expires first, to two decimals; negative once everybody is locked out.
   *
   * @format double
   */
  readonly days_until_lock_out: number;
  /** One for each issuer in use, and that of the root. */
  readonly crls: readonly IssuerCrlState[];
}

/** Walks the whole CRL: to be done once for each. */
export function issuerCrlState(crl: ParsedCrl): IssuerCrlState {
  let revoked = 0;
  for (const serialNumber of crlSerialNumbers(crl)) revoked += serialNumber === '' ? 0 : 1;
  const number = crlNumberOf(crl);
  return {
    issuer: onlyCommonName(crl.issuer),
    authority_key_id: crlAuthorityOf(crl)?.toString('hex') ?? null,
    number: number === undefined ? null : Number(number),
    this_update: crl.thisUpdate.toISOString(),
    next_update: crl.nextUpdate?.toISOString() ?? null,
    revoked_certificates: revoked,
  };
}

/** @param crls at least one */
export function crlStateResponse(crls: readonly IssuerCrlState[], now: Date): CrlStateResponse {
  const ends = crls.flatMap(({ next_update: end }) => (end === null ? [] : [Date.parse(end)]));
  const days = (Math.min(...ends) - now.getTime()) / DAY_MS;
  return { days_until_lock_out: Math.floor(days * 100) / 100, crls };
}
