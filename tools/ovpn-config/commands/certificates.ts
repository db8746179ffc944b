import { isFingerprint } from '@libs/pki';
import { printable } from '../../cli/refused';
import { ExitStatus, Failed } from '../failed';
import { isPresent, presentCertificate } from '../output';
import type { Session } from '../session';
import { progress } from '../surroundings';

type Certificate = Readonly<Record<string, unknown>>;

export interface ListOptions {
  readonly json: boolean;
}

/** The person's certificates, newest first as the frontend lists them. */
export async function list(session: Session, { json }: ListOptions): Promise<void> {
  const certificates = await certificatesOf(session, await session.accessToken());
  session.surroundings.stdout(json ? `${JSON.stringify(certificates, undefined, 2)}\n` : table(certificates));
}

export interface RevokeOptions {
  /** A profile, a fingerprint, or the beginning of one; undefined for all of the person's certificates. */
  readonly which: string | undefined;
  readonly reason: string | undefined;
}

export async function revoke(session: Session, { which, reason }: RevokeOptions): Promise<void> {
  const named = which === undefined ? undefined : await namedFingerprint(which);
  const credential = await session.accessToken();
  const body = reason === undefined ? {} : { reason };
  if (which === undefined) {
    const { revoked } = await session.client.json({ method: 'POST', path: `${PATH}/revocations`, credential, body });
    progress(session.surroundings, `${String(revoked)} certificates are revoked.`);
    return;
  }
  const fingerprint = named ?? (await completed(session, credential, which));
  await session.client.call({ method: 'POST', path: `${PATH}/${fingerprint}/revocation`, credential, body });
  progress(session.surroundings, `${fingerprint} is revoked.`);
}

const PATH = '/api/v1/me/certificates';
const SHORTEST_BEGINNING = 8;

/** What says by itself which certificate it is; undefined for the beginning of a fingerprint. @throws Failed */
async function namedFingerprint(which: string): Promise<string | undefined> {
  const text = which.toLowerCase().replaceAll(':', '');
  if (isFingerprint(text)) return text;
  if (await isPresent(which)) return (await presentCertificate(which))?.fingerprint;
  if (new RegExp(`^[0-9a-f]{${SHORTEST_BEGINNING},}$`).test(text)) return undefined;
  throw new Failed(
    ExitStatus.usage,
    `${which} is neither a file nor at least ${SHORTEST_BEGINNING} digits of a fingerprint.`,
  );
}

async function completed(session: Session, credential: string, beginning: string): Promise<string> {
  const certificates = await certificatesOf(session, credential);
  const matching = certificates
    .map(({ fingerprint }) => String(fingerprint))
    .filter((fingerprint) => fingerprint.startsWith(beginning.toLowerCase()));
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return only;
  const reason = only === undefined ? 'None' : 'More than one';
  throw new Failed(ExitStatus.refused, `${reason} of your certificates has a fingerprint that begins so.`);
}

async function certificatesOf({ client }: Session, credential: string): Promise<Certificate[]> {
  const found: Certificate[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '200', ...(cursor !== undefined && { cursor }) });
    const page = await client.json({ method: 'GET', path: `${PATH}?${query.toString()}`, credential });
    if (!Array.isArray(page['items'])) throw new Failed(ExitStatus.unavailable, 'The frontend did not answer a list.');
    found.push(...(page['items'] as Certificate[]));
    cursor = typeof page['next_cursor'] === 'string' ? page['next_cursor'] : undefined;
  } while (cursor !== undefined);
  return found;
}

const COLUMNS: readonly (readonly [title: string, field: string])[] = [
  ['STATE', 'state'],
  ['EXPIRES', 'expires_at'],
  ['DEVICE', 'device_name'],
  ['OPTIONS', 'options'],
  ['FINGERPRINT', 'fingerprint'],
];

function table(certificates: readonly Certificate[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...certificates.map((certificate) => COLUMNS.map(([, field]) => cell(certificate[field]))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function cell(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '-' : printable(value.join(','));
  return typeof value === 'string' && value !== '' ? printable(value) : '-';
}
