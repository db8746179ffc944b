import type { MyCertificate, MyCertificateState } from '../my-certificates/my-certificate';

const STATES: Readonly<Record<MyCertificateState, { readonly label: string; readonly tone: string }>> = {
  valid: { label: 'Valid', tone: 'good' },
  expired: { label: 'Expired', tone: '' },
  revoked: { label: 'Revoked', tone: 'bad' },
  unknown: { label: 'Not known now', tone: '' },
};

/** The state as a word in a colour that says the same. */
export function StateChip({ state }: { readonly state: MyCertificateState }) {
  const { label, tone } = STATES[state];
  return <span class={`chip ${tone}`}>{label}</span>;
}

/** What a person calls the certificate: after its device, else as it is itself called. */
export function titleOf({ deviceName, commonName }: Pick<MyCertificate, 'deviceName' | 'commonName'>): string {
  return deviceName ?? commonName;
}

/** The page that shows one certificate. */
export function certificatePath({ fingerprint }: Pick<MyCertificate, 'fingerprint'>): string {
  return `/certificates/${fingerprint}`;
}
