import type { EnvironmentReader } from './environment-reader';

/** Where the process dies, and at which visit. */
export interface FailPointSetting {
  readonly name: string;
  readonly visit: number;
}

/**
 * Named places at which a test can have the process killed, as a power failure would: between two steps whose order is a promise.
 * Nothing is armed unless the configuration says so, and the configuration of a production service refuses to.
 */
export class FailPoints<const Name extends string> {
  private armed: { readonly name: string; visitsLeft: number } | undefined;

  constructor(readonly names: readonly Name[]) {}

  /** Reads `name` or `name:visit`; undefined when nothing is to be armed. */
  setting(env: EnvironmentReader, variable: string): FailPointSetting | undefined {
    const value = env.optionalString(variable);
    if (value === undefined) return undefined;
    if (env.isProduction) env.problem(`${variable} kills the service: it is for tests, and production refuses it`);
    const [, name, visit = '1'] = /^([a-z-]+)(?::([1-9]\d{0,5}))?$/.exec(value) ?? [];
    const known = this.names.find((candidate) => candidate === name);
    if (known === undefined)
      env.problem(`${variable} must be one of ${this.names.join(', ')}, or one of them with :<visit>`);
    return known && !env.isProduction ? { name: known, visit: Number(visit) } : undefined;
  }

  arm(setting: FailPointSetting | undefined): void {
    this.armed = setting && { name: setting.name, visitsLeft: setting.visit };
  }

  /** Goes on, or is the last thing that the process does. */
  reach(name: Name): void {
    if (this.armed?.name !== name) return;
    this.armed.visitsLeft -= 1;
    if (this.armed.visitsLeft === 0) process.kill(process.pid, 'SIGKILL');
  }
}
