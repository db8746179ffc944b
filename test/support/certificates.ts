import {
  buildCrl,
  buildTbs,
  generateKeyPair,
  newSerialNumber,
  parseCommonName,
  parseDnsName,
  profiles,
  signTbs,
  signWithKey,
  spkiOf,
  toPem,
  validityWithin,
  type CertificateAuthority,
  type CertificateKind,
  type CrlContent,
  type KeyAlgorithm,
  type SerialNumber,
} from '@libs/pki';

/** Somebody's certificate with its key, made without any service. */
export interface Holder {
  readonly commonName: string;
  readonly serialNumber: SerialNumber;
  readonly der: Buffer;
  readonly certificate: string;
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
}

export interface HolderOptions {
  readonly kind: CertificateKind;
  readonly commonName: string;
  readonly algorithm?: KeyAlgorithm;
  readonly now?: Date;
}

export async function issueTo(authority: CertificateAuthority, options: HolderOptions): Promise<Holder> {
  const { kind, commonName, algorithm = 'P-256', now = new Date() } = options;
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const serialNumber = newSerialNumber();
  const tbs = buildTbs(authority.issuer, {
    profile: profiles[kind],
    commonName: parseCommonName(commonName),
    dnsNames: kind === 'server' ? [parseDnsName(commonName)] : [],
    spki: spkiOf(publicKey),
    serialNumber,
    validity: validityWithin(authority.issuer, now, profiles[kind].defaultValidityDays),
  });
  const der = await signTbs(tbs, authority.issuer.signatureAlgorithm, signing(authority));
  return {
    commonName,
    serialNumber,
    der,
    certificate: certificatePem(der),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** A good CRL but for what `changes` makes of it, in DER. */
export function crlOf(authority: CertificateAuthority, changes: Partial<CrlContent> = {}): Promise<Buffer> {
  const content = { number: 1n, thisUpdate: minutesFromNow(-5), nextUpdate: minutesFromNow(7 * 24 * 60), revoked: [] };
  return buildCrl(authority.issuer, { ...content, ...changes }, signing(authority));
}

export function certificatePem(der: Buffer): string {
  return toPem('CERTIFICATE', der);
}

/** In whole seconds, as X.509 has it. */
export function minutesFromNow(minutes: number): Date {
  return new Date(Math.floor((Date.now() + minutes * 60_000) / 1000) * 1000);
}

function signing({ privateKey }: CertificateAuthority): (data: Buffer) => Buffer {
  return (data) => signWithKey(privateKey, data);
}
