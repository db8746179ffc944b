import { DomainError } from '@libs/http';
import type { Request } from 'express';

/** What a program asks for that waits on a port of the person's machine. */
export interface CliLogin {
  readonly port: number;
  readonly options: readonly string[];
}

export const CLI_LOGIN_PATH = '/auth/cli-login';

/** `cli_port` is not a port that a program of a person may listen on: 422. */
export class InvalidCliPort extends DomainError {
  constructor() {
    const message = 'cli_port must be a port number from 1024 to 65535';
    const errors = [{ field: 'cli_port', message }];
    super({ code: 'invalid_request', status: 422, title: 'The request is not valid', detail: message, errors });
  }
}

/** Reads `cli_port` and `optionset`, which may be missing, empty, or what older clients send for no option: `None`. */
export function parseCliLogin(parameters: Readonly<Record<string, unknown>>): CliLogin {
  const { cli_port: port, optionset } = parameters;
  if (typeof port !== 'string' || !/^\d{4,5}$/.test(port)) throw new InvalidCliPort();
  const number = Number(port);
  if (number < 1024 || number > 65_535) throw new InvalidCliPort();
  const list = typeof optionset === 'string' && optionset !== 'None' ? optionset.split(',') : [];
  const options = new Set(list.map((option) => option.trim()).filter((option) => option !== ''));
  return { port: number, options: [...options] };
}

/** The confirmation page for a login that a program started; undefined for a login that none did. */
export function cliLoginPath(query: Request['query']): string | undefined {
  if (query['cli_port'] === undefined) return undefined;
  const { port, options } = parseCliLogin(query);
  const search = new URLSearchParams({ cli_port: String(port), optionset: options.join(',') });
  return `${CLI_LOGIN_PATH}?${search.toString()}`;
}
