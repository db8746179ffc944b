import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(__dirname, '..', '..', '..');
export const OPENVPN = '/usr/sbin/openvpn';
export const CHROMIUM = '/usr/bin/chromium';
export const LEMONLDAP_PORTAL = '/usr/share/lemonldap-ng/portal';
export const GLEWLWYD = '/usr/bin/glewlwyd';
export const STACK = join(REPOSITORY, 'dist', 'tools', 'stack', 'main.js');

const REQUIRED: readonly (readonly [name: string, isThere: () => boolean])[] = [
  ['root', () => process.getuid?.() === 0],
  ['a tun device (/dev/net/tun)', () => existsSync('/dev/net/tun')],
  ["Debian's openvpn", () => existsSync(OPENVPN)],
  ["Debian's iproute2", () => works('ip', ['-V'])],
  ["Debian's iputils-ping", () => works('ping', ['-V'])],
  ["Debian's chromium", () => existsSync(CHROMIUM)],
  ["Debian's gnutls-bin", () => works('certtool', ['--version'])],
  ["Debian's golang-go", () => works('go', ['version'])],
  ["Debian's default-jdk-headless", () => works('javac', ['-version'])],
  ["Debian's liblemonldap-ng-portal-perl", () => existsSync(LEMONLDAP_PORTAL)],
  ["Debian's starman", () => works('starman', ['--version'])],
  [
    "Debian's libstring-random-perl and libio-string-perl",
    () => works('perl', ['-MString::Random', '-MIO::String', '-e1']),
  ],
  ["Debian's glewlwyd", () => existsSync(GLEWLWYD)],
  ['the build (npm run build)', () => existsSync(STACK)],
];

/** Fails with one sentence that names all that is missing: a system test that is skipped would prove nothing. */
export function requireSystem(): void {
  const missing = REQUIRED.filter(([, isThere]) => !isThere()).map(([name]) => name);
  if (missing.length > 0) throw new Error(`The system tests need what this machine lacks: ${missing.join(', ')}.`);
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
