import { isAbsolute } from 'node:path';
import { CannotRun } from '../cannot-run';
import type { ManagementAddress } from './agent-config';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

interface SecondsRule {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** Reads the values of a configuration one by one, and tells everything that is wrong at the end. */
export class ConfigReader {
  private readonly problems: string[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  problem(sentence: string): void {
    this.problems.push(sentence);
  }

  /** @throws CannotRun */
  finish(): void {
    for (const name of Object.keys(this.values)) if (!this.known.has(name)) this.problem(`${name} is not known`);
    if (this.problems.length > 0) throw new CannotRun(`the configuration is not usable: ${this.problems.join('; ')}`);
  }

  /** The PSK goes there: over plain HTTP it may go to this machine alone. */
  managerUrl(name: string): string {
    const text = this.text(name) ?? '';
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
    if (!isSafe || url.search !== '' || url.username !== '') this.problem(`${name} must be an https address`);
    return text.replace(/\/+$/, '');
  }

  path(name: string): string {
    const value = this.optionalPath(name);
    if (value === undefined && this.values[name] === undefined) this.problem(`${name} is needed`);
    return value ?? '';
  }

  optionalPath(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !isAbsolute(value)) this.problem(`${name} must be an absolute path`);
    return value;
  }

  hostName(name: string, fallback: string): string {
    const value = this.text(name) ?? fallback;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value)) {
      this.problem(`${name} must be a host name of at most 64 characters`);
    }
    return value;
  }

  seconds(name: string, { fallback, min, max }: SecondsRule): number {
    const value = this.take(name) ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(`${name} must be a whole number from ${min} to ${max}`);
    return fallback;
  }

  port(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
    this.problem(`${name} must be a port`);
    return undefined;
  }

  /** `unix:/run/openvpn.sock` or `tcp:127.0.0.1:7505`, as OpenVPN's `management` says it in other words. */
  managementAddress(name: string): ManagementAddress | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const path = /^unix:(\/.+)$/.exec(value)?.[1];
    if (path !== undefined) return { path };
    const [, host, port] = /^tcp:(.+):(\d{1,5})$/.exec(value) ?? [];
    if (host !== undefined) return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
    this.problem(`${name} must be unix:/PATH or tcp:HOST:PORT`);
    return undefined;
  }

  private text(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    this.problem(`${name} must be text`);
    return undefined;
  }

  private take(name: string): unknown {
    this.known.add(name);
    return this.values[name] ?? undefined;
  }
}
