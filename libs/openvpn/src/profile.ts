import { findTextFault } from './configuration-checks';

/** What goes into the inline blocks of a profile; all PEM or OpenVPN key text. */
export interface ProfileMaterial {
  readonly root: string;
  readonly intermediate: string;
  readonly certificate: string;
  /** Absent when the key was made elsewhere: its owner adds it. */
  readonly privateKey?: string;
  readonly controlChannel: ControlChannelKey;
  /** Comment lines that prove the certificate's place in the log. */
  readonly comments: string;
}

/** The key that protects the handshake: one per client, or one for all. */
export interface ControlChannelKey {
  readonly kind: 'tls-crypt-v2' | 'tls-crypt';
  readonly key: string;
}

/** A profile that OpenVPN could not read; the cause is material of ours, never a person's input. */
export class InvalidMaterial extends Error {
  override readonly name = 'InvalidMaterial';
}

/**
 * Puts a profile together: directives, blocks, comments. `<cert>` has the leaf alone and `<extra-certs>` the intermediate,
 * because OpenVPN 3 sends only the first certificate of `<cert>`.
 *
 * @param directives a checked text, as Templates.renderClient makes it
 * @throws InvalidMaterial when a piece is empty, is of another kind, or would end its block early
 */
export function assembleProfile(directives: string, material: ProfileMaterial): string {
  const { controlChannel, privateKey } = material;
  const parts = [
    directives.trimEnd(),
    block('ca', material.root, 'CERTIFICATE'),
    block('cert', material.certificate, 'CERTIFICATE'),
    block('extra-certs', material.intermediate, 'CERTIFICATE'),
    ...(privateKey === undefined ? [] : [block('key', privateKey, 'PRIVATE KEY')]),
    block(controlChannel.kind, controlChannel.key, CONTROL_CHANNEL_LABELS[controlChannel.kind]),
    ...(material.comments === '' ? [] : [commentsOf(material.comments)]),
  ];
  const profile = `${parts.join('\n')}\n`;
  const fault = findTextFault(profile);
  if (fault !== undefined) throw new InvalidMaterial(`line ${String(fault.line)}: ${fault.reason}`);
  return profile;
}

const CONTROL_CHANNEL_LABELS = {
  'tls-crypt-v2': 'OpenVPN tls-crypt-v2 client key',
  'tls-crypt': 'OpenVPN Static key V1',
} as const;

function block(name: string, content: string, label: string): string {
  const text = content.trim();
  const pem = /^(?:#[^\n]*\n)*-----BEGIN ([A-Za-z0-9 -]+)-----\n[A-Za-z0-9+/=\n]+\n-----END \1-----$/.exec(text);
  if (!pem?.[1]?.endsWith(label)) throw new InvalidMaterial(`the material for <${name}> is not one "${label}" in PEM`);
  return `<${name}>\n${text}\n</${name}>`;
}

function commentsOf(comments: string): string {
  const text = comments.trimEnd();
  if (text.split('\n').every((line) => line.startsWith('#'))) return text;
  throw new InvalidMaterial('every line of the comments must start with "#"');
}

/** Cuts a text so that it can stand in a file name: letters, digits, `.`, `_` and `-`, none of which leads. */
export function fileNameOf(text: string, fallback = 'openvpn'): string {
  const name = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 64);
  return name === '' ? fallback : name;
}
