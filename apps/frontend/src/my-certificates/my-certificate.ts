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

export interface MyCertificateResponse {
  readonly fingerprint: string;
  readonly serial_number: string;
  readonly common_name: string;
  readonly device_name: string | null;
  readonly options: readonly string[];
  readonly issued_at: string;
  readonly expires_at: string;
  readonly state: MyCertificateState;
  readonly renewed_by: string | null;
  readonly revocation_due_at: string | null;
  readonly link_reuse: {
    readonly count: number;
    readonly last_at: string;
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
