import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { ControlChannelKey } from './profile';
import type { ServerFile } from './templates';

/** What a server bundle holds besides its configurations; all PEM or OpenVPN key text. */
export interface ServerBundle {
  readonly root: string;
  readonly intermediate: string;
  readonly certificate: string;
  /** Absent when the key was made elsewhere: the bundle then has no `server.key`, and its owner adds it. */
  readonly privateKey?: string;
  readonly controlChannel: ControlChannelKey;
  /** Every server key in use, while a rotation lasts; none else. */
  readonly rotatingKeys?: readonly NamedServerKey[];
  /** CRLs of every issuer in use and of the root, concatenated. */
  readonly crl: string;
  /** Comment lines that prove the certificate's place in the log. */
  readonly comments: string;
  readonly configurations: readonly ServerFile[];
}

/** A tls-crypt-v2 server key under a name that stays with it, whichever key is the current one. */
export interface NamedServerKey {
  readonly id: string;
  readonly key: string;
}

/** Names under which server templates find the material, relative to the folder in which the bundle was unpacked. */
export function bundleMaterialFiles(controlChannel: ControlChannelKey['kind']): readonly string[] {
  return ['ca-chain.crt', 'server.crt', 'server.key', `${controlChannel}.key`, 'crl.pem'];
}

interface BundleFile {
  readonly name: string;
  readonly text: string;
  readonly secret: boolean;
}

/** One time for every entry, so that equal content gives equal bytes; not 0, which some tools show as "no date". */
const ENTRY_TIME = new Date('2000-01-01T00:00:00Z');

const compress = promisify(gzip);

/**
 * Packs a server bundle as a flat tar.gz in a fixed order, secrets with mode 0600 and the rest with 0644: `crl.pem` must
 * be readable by the unprivileged user that OpenVPN becomes.
 */
export async function packServerBundle(bundle: ServerBundle): Promise<Buffer> {
  const tar = pack();
  for (const file of filesOf(bundle)) {
    tar.entry({ name: file.name, mode: file.secret ? 0o600 : 0o644, mtime: ENTRY_TIME, uid: 0, gid: 0 }, file.text);
  }
  tar.finalize();
  return compress(await buffer(tar), { level: 6 });
}

function filesOf(bundle: ServerBundle): BundleFile[] {
  const material = [
    joined(bundle.intermediate, bundle.root),
    joined(bundle.certificate, bundle.intermediate, bundle.comments),
    joined(bundle.privateKey ?? ''),
    joined(bundle.controlChannel.key),
    joined(bundle.crl),
  ];
  const names = bundleMaterialFiles(bundle.controlChannel.kind);
  return [
    ...names
      .map((name, index) => ({ name, text: material[index] ?? '', secret: name.endsWith('.key') }))
      .filter(({ name }) => name !== 'server.key' || bundle.privateKey !== undefined),
    ...(bundle.rotatingKeys ?? []).map(({ id, key }) => ({
      name: `${bundle.controlChannel.kind}.${id}.key`,
      text: joined(key),
      secret: true,
    })),
    ...bundle.configurations.map(({ name, text }) => ({ name, text, secret: false })),
  ];
}

function joined(...texts: readonly string[]): string {
  return texts
    .filter((text) => text.trim() !== '')
    .map((text) => `${text.trim()}\n`)
    .join('');
}
