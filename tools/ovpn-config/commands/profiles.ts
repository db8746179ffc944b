import { randomBytes } from 'node:crypto';
import { presentCertificate, writeWhole } from '../output';
import { ExitStatus, Failed } from '../failed';
import { type DeviceKey, newDeviceKey } from '../material/device-key';
import { withOwnKey } from '../material/own-profile';
import { checkReceipt, notProven } from '../material/receipt';
import type { Session } from '../session';
import { progress } from '../surroundings';
import { type Target, isStandardOutput, overwrites, prepare } from './target';

/** A profile for the person who signs in. */
export async function getProfile(session: Session, target: Target): Promise<void> {
  const { client, settings } = session;
  const { options, deviceName } = settings;
  if (!(await prepare(target, session.surroundings))) return;
  const credential = await session.accessToken();
  await keep(session, target, async ({ csrPem }) => {
    const body = { options, csr: csrPem, ...(deviceName !== undefined && { device_name: deviceName }) };
    return client.call({ method: 'POST', path: '/api/v1/profiles', credential, body, idempotencyKey: newKey() });
  });
}

/** A profile for a machine that has a pre-shared key. */
export async function getComputerProfile(session: Session, target: Target, psk: () => Promise<string>): Promise<void> {
  if (!(await prepare(target, session.surroundings))) return;
  const credential = await psk();
  await keep(session, target, async ({ csrPem }) => {
    const path = '/api/v1/computer/bundle';
    return session.client.call({ method: 'POST', path, credential, body: { csr: csrPem }, idempotencyKey: newKey() });
  });
}

/** The successor of a profile, with its options, for its device; the old one works on until its overlap is over. */
export async function renew(session: Session, profile: string, target: Target): Promise<void> {
  const present = await presentCertificate(profile);
  if (present === undefined) throw new Failed(ExitStatus.file, `${profile} is missing.`);
  if (!(await prepare(target, session.surroundings))) return;
  const credential = await session.accessToken();
  await keep(session, target, async ({ csrPem }) => {
    const path = `/api/v1/me/certificates/${present.fingerprint}/renewal`;
    return session.client.call({ method: 'POST', path, credential, body: { csr: csrPem }, idempotencyKey: newKey() });
  });
}

export const newKey = (): string => randomBytes(16).toString('hex');

/** Makes a key, has it certified, and keeps the profile only when it is the one that was asked for. */
async function keep(
  { settings, surroundings }: Session,
  target: Target,
  ask: (key: DeviceKey) => Promise<{ readonly body: Buffer }>,
): Promise<void> {
  const key = await newDeviceKey(settings.keyAlgorithm);
  const { body } = await ask(key);
  const profile = proven(() => withOwnKey(body.toString('utf8'), key));
  checkReceipt(profile, settings, surroundings);
  if (isStandardOutput(target)) {
    surroundings.stdout(profile);
    return;
  }
  await writeWhole(target.output, profile, overwrites(target));
  progress(surroundings, `The profile is in ${target.output}.`);
}

function proven<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw notProven(error);
  }
}
