import { type KeyAlgorithm, keyAlgorithms } from '@libs/pki';
import type { NoteVerifier } from '@libs/tlog';
import { readFile } from 'node:fs/promises';
import { readVerifierKeys } from '../ct-verify/verifier-keys';
import { CannotTell } from '../ct-verify/verdict';
import { ExitStatus, Failed } from './failed';
import type { RawSettings } from './settings-sources';

export type LoginKind = 'browser' | 'device';

/** What a run works with, whatever said so. */
export interface Settings {
  /** Of the frontend, without a trailing slash. */
  readonly url: string;
  /** Certificates in PEM that are trusted besides those of Node.js. */
  readonly ca: string | undefined;
  /** Keys of the certificate log; none where nothing is to be verified. */
  readonly verifiers: readonly NoteVerifier[];
  /** Undefined: a browser where there is one, else the device flow. */
  readonly login: LoginKind | undefined;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly deviceName: string | undefined;
  readonly options: readonly string[];
  readonly pskFile: string | undefined;
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_SECONDS = 60;
const LONGEST_TIMEOUT_SECONDS = 600;
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** @throws Failed with what is missing or malformed */
export async function settingsOf(raw: RawSettings): Promise<Settings> {
  return {
    url: frontendUrl(one(raw, 'url')),
    ca: await certificates(one(raw, 'ca_file')),
    verifiers: await verifiers(raw),
    login: choice(raw, 'login', ['browser', 'device'] as const),
    keyAlgorithm: choice(raw, 'key', keyAlgorithms) ?? 'P-256',
    deviceName: one(raw, 'device_name'),
    options: raw.options ?? [],
    pskFile: one(raw, 'psk_file'),
    timeoutMs: seconds(one(raw, 'timeout_seconds')) * 1000,
  };
}

function one(raw: RawSettings, name: keyof RawSettings): string | undefined {
  return raw[name]?.[0];
}

/** Credentials go over it: plain HTTP only to this machine itself. */
function frontendUrl(text: string | undefined): string {
  if (text === undefined) throw usage('Say where the frontend is: --url, OVPN_CONFIG_URL, or url in a settings file.');
  if (!URL.canParse(text)) throw usage('url is not a URL.');
  const { protocol, hostname, username, password, origin, pathname } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.includes(hostname))) {
    throw usage('url must begin with https://.');
  }
  if (username !== '' || password !== '') throw usage('url must not have a user name or password in it.');
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

async function certificates(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Failed(ExitStatus.usage, `The certificates in ${path} cannot be read.`, { cause: error });
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw usage(`${path} holds no certificates in PEM.`);
  return text;
}

async function verifiers({ log_keys: keys = [], log_key_file: files = [] }: RawSettings): Promise<NoteVerifier[]> {
  if (keys.length === 0 && files.length === 0) return [];
  try {
    return await readVerifierKeys({ keys, files, environment: undefined });
  } catch (error) {
    if (error instanceof CannotTell) throw usage(`The log's keys are not usable: ${error.message}.`);
    throw error;
  }
}

function choice<T extends string>(raw: RawSettings, name: keyof RawSettings, allowed: readonly T[]): T | undefined {
  const text = one(raw, name);
  const found = allowed.find((item) => item === text);
  if (text !== undefined && found === undefined) throw usage(`${name} is none of ${allowed.join(', ')}.`);
  return found;
}

function seconds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TIMEOUT_SECONDS;
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > LONGEST_TIMEOUT_SECONDS) {
    throw usage(`timeout_seconds is not a number from 1 to ${LONGEST_TIMEOUT_SECONDS}.`);
  }
  return value;
}

function usage(message: string): Failed {
  return new Failed(ExitStatus.usage, message);
}
