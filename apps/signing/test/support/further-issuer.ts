import { Issuer, type KeyAlgorithm, createIntermediate, onlyPemBlock, openPrivateKey, toPem } from '@libs/pki';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { passphrase } from './signing-service';

interface FurtherIssuer {
  readonly name: string;
  readonly commonName?: string;
  readonly algorithm?: KeyAlgorithm;
  readonly validityDays?: number;
  readonly now?: Date;
  readonly sealedUnder?: string;
}

/** Another intermediate of the root of a PKI directory, in a folder of its own; its key is PKCS #8, which opens at once. */
export async function addIssuer(directory: string, options: FurtherIssuer): Promise<Issuer> {
  const { name, commonName = `Intermediate ${name}`, algorithm = 'P-256', now = new Date(), validityDays } = options;
  const root = Issuer.fromCertificate(onlyPemBlock(await readFile(join(directory, 'root.crt'), 'utf8'), 'CERTIFICATE'));
  const rootKey = await openPrivateKey(await readFile(join(directory, 'root.key.json'), 'utf8'), passphrase);
  const { issuer, privateKey } = await createIntermediate(
    { issuer: root, privateKey: rootKey },
    { commonName, algorithm, now, ...(validityDays === undefined ? {} : { validityDays }) },
  );
  const folder = join(directory, 'issuers', name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: options.sealedUnder ?? passphrase,
  });
  await writeFile(join(folder, 'intermediate.crt'), toPem('CERTIFICATE', issuer.der), { mode: 0o600 });
  await writeFile(join(folder, 'intermediate.key.pem'), key, { mode: 0o600 });
  return issuer;
}
