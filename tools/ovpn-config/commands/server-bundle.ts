import { writeWhole, writeServer } from '../output';
import { newDeviceKey } from '../material/device-key';
import { checkReceipt, notProven } from '../material/receipt';
import { type ServerFile, SERVER_CERTIFICATE, packed, withServerKey } from '../material/server-files';
import type { Session } from '../session';
import { progress } from '../surroundings';
import { newKey } from './profiles';
import { type Target, isStandardOutput, overwrites, prepare } from './target';

/** Everything that an OpenVPN server needs, in a folder or, where the output says so, in one archive. */
export async function getServerBundle(session: Session, target: Target, psk: () => Promise<string>): Promise<void> {
  const { client, settings, surroundings } = session;
  if (!(await prepare(target, surroundings))) return;
  const credential = await psk();
  const key = await newDeviceKey(settings.keyAlgorithm);
  const { body } = await client.call({
    method: 'POST',
    path: '/api/v1/server/bundle',
    credential,
    body: { csr: key.csrPem },
    idempotencyKey: newKey(),
  });
  const files = await withServerKey(body, key).catch((error: unknown) => {
    throw notProven(error);
  });
  checkReceipt(files.find(({ name }) => name === SERVER_CERTIFICATE)?.text ?? '', settings, surroundings);
  await write(target, files, session);
}

async function write(target: Target, files: readonly ServerFile[], { surroundings }: Session): Promise<void> {
  const { output } = target;
  if (isStandardOutput(target)) {
    surroundings.stdout(await packed(files));
    return;
  }
  if (isArchive(output)) await writeWhole(output, await packed(files), overwrites(target));
  else await writeServer(output, files, overwrites(target));
  progress(surroundings, `The server's files are in ${output}.`);
}

export function isArchive(output: string): boolean {
  return /\.(?:tar\.gz|tgz)$/.test(output);
}
