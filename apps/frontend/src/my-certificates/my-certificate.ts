import type { IsoUtc, SerialHex, Sha256Hex } from '@libs/contracts';
/** `unknown` while the log, which alone knows about revocation, cannot be asked. */
export type MyCertificateState = 'valid' | 'expired' | 'revoked' | 'unknown';

/** A certificate as its owner sees it. */
export interface MyCertificate {
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly commonName: string;
  /** What the owner calls the device. */
  readonly deviceName: string | null;
  /** Ids of the options that were chosen. */
  readonly options: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly state: MyCertificateState;
  readonly renewal: MyRenewal | null;
  readonly linkReuse: LinkReuse | null;
}

/** Which certificate takes this one's place. */
export interface MyRenewal {
  readonly renewedBy: string;
  /** When this one is revoked, or was to be. */
  readonly revocationDueAt: Date;
}

/** Somebody used the link of this profile after it had been spent. */
export interface LinkReuse {
  readonly count: number;
  readonly lastAt: Date;
  readonly clientAddress: string | null;
}

/** A certificate as its owner sees it. */
export interface MyCertificateResponse {
  readonly fingerprint: Sha256Hex;
  readonly serial_number: SerialHex;
  /** Of the subject. */
  readonly common_name: string;
  /** What the owner calls the device. */
  readonly device_name: string | null;
  /** Ids of the options that were chosen. */
  readonly options: readonly string[];
  readonly issued_at: IsoUtc;
  readonly expires_at: IsoUtc;
  readonly state: MyCertificateState;
  /** The certificate that takes its place. */
  readonly renewed_by: Sha256Hex | null;
  /** When it is revoked because it was renewed. */
  readonly revocation_due_at: IsoUtc | null;
  /** Somebody used the link of this profile after it had been spent. */
  readonly link_reuse: {
    /** How often. */
    readonly count: number;
    readonly last_at: IsoUtc;
    /** From where, the last time. */
    readonly client_address: string | null;
  } | null;
}

export function myCertificateResponse(certificate: MyCertificate): MyCertificateResponse {
  const { renewal, linkReuse } = certificate;
  return {
    fingerprint: certificate.fingerprint,
    serial_number: certificate.serialNumber,
    common_name: certificate.commonName,
    device_name: certificate.deviceName,
    options: certificate.options,
    issued_at: certificate.issuedAt.toISOString(),
    expires_at: certificate.expiresAt.toISOString(),
    state: certificate.state,
    renewed_by: renewal?.renewedBy ?? null,
    revocation_due_at: renewal?.revocationDueAt.toISOString() ?? null,
    link_reuse:
      linkReuse === null
        ? null
        : {
            count: linkReuse.count,
            last_at: linkReuse.lastAt.toISOString(),
            client_address: linkReuse.clientAddress,
          },
  };
}
