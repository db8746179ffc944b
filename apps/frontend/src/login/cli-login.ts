import { type FieldError, InvalidRequest } from '@libs/http';
import type { Request } from 'express';
import { CODE_CHALLENGE } from '../credentials/code-challenge';

/** What a program asks for that waits on a port of the person's machine. */
export interface CliLogin {
  readonly port: number;
  readonly options: readonly string[];
  /** Given by a program that will prove, when it redeems the token, that it is the one that asked (RFC 7636). */
  readonly proof: CliLoginProof | undefined;
}

export interface CliLoginProof {
  /** S256. */
  readonly codeChallenge: string;
  /** Goes back to the program unchanged. */
  readonly state: string;
}

export const CLI_LOGIN_PATH = '/auth/cli-login';

const STATE = /^[A-Za-z0-9._~-]{8,128}$/;

const PORT_RULE = 'cli_port must be a port number from 1024 to 65535';
const CHALLENGE_RULE = 'code_challenge must be an S256 challenge: 43 characters of base64url, and a state with it';
const STATE_RULE = 'state must have 8 to 128 letters, digits or ._~-, and a code_challenge with it';

type Parameters = Readonly<Record<string, unknown>>;

/**
 * Reads `cli_port` and `optionset`, which may be missing, empty, or what older clients send for no option: `None`; and the
 * `code_challenge` and `state` of newer ones.
 *
 * @throws InvalidRequest
 */
export function parseCliLogin(parameters: Parameters): CliLogin {
  const { cli_port: port, optionset } = parameters;
  const number = typeof port === 'string' && /^\d{4,5}$/.test(port) ? Number(port) : 0;
  if (number < 1024 || number > 65_535) throw invalid('cli_port', PORT_RULE);
  const list = typeof optionset === 'string' && optionset !== 'None' ? optionset.split(',') : [];
  const options = new Set(list.map((option) => option.trim()).filter((option) => option !== ''));
  return { port: number, options: [...options], proof: parseProof(parameters) };
}

/** Where the login of a program goes on; undefined for a login that none started. */
export function cliLoginPath(query: Request['query']): string | undefined {
  if (query['cli_port'] === undefined) return undefined;
  const { port, options, proof } = parseCliLogin(query);
  const search = new URLSearchParams({ cli_port: String(port), optionset: options.join(',') });
  if (proof !== undefined) {
    search.set('code_challenge', proof.codeChallenge);
    search.set('state', proof.state);
  }
  return `${CLI_LOGIN_PATH}?${search.toString()}`;
}

/** Where the program waits: the token, and with a proof the state by which it knows its own login. */
export function programAddress({ port, proof }: CliLogin, token: string): string {
  const search = new URLSearchParams({ token, ...(proof === undefined ? {} : { state: proof.state }) });
  return `http://localhost:${String(port)}?${search.toString()}`;
}

function parseProof(parameters: Parameters): CliLoginProof | undefined {
  const { code_challenge: codeChallenge, code_challenge_method: method = 'S256', state } = parameters;
  if (codeChallenge === undefined && state === undefined) return undefined;
  if (method !== 'S256') throw invalid('code_challenge_method', 'code_challenge_method must be S256');
  if (typeof codeChallenge !== 'string' || !CODE_CHALLENGE.test(codeChallenge)) {
    throw invalid('code_challenge', CHALLENGE_RULE);
  }
  if (typeof state !== 'string' || !STATE.test(state)) throw invalid('state', STATE_RULE);
  return { codeChallenge, state };
}

function invalid(field: string, message: string): InvalidRequest {
  const error: FieldError = { field, message };
  return new InvalidRequest([error]);
}
