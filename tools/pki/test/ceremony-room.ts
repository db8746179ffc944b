import { Issuer, onlyPemBlock } from '@libs/pki';
import { mkdtempSync } from 'node:fs';
import { cp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixedClock } from '@libs/testing';
import { run } from '../run';

export const passphrases = {
  root: 'the passphrase of the root',
  intermediate: 'the passphrase of the intermediate',
  imported: 'the old passphrase',
} as const;

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** No two looks at it are the same, as at a real one. */
class TickingClock extends FixedClock {
  override now(): Date {
    this.advance(0.001);
    return super.now();
  }
}

/** A folder with a ceremony file and passphrase files, in which commands run. */
export class CeremonyRoom {
  readonly folder = mkdtempSync(join(tmpdir(), 'ceremony-'));
  readonly clock = new TickingClock();
  readonly output = join(this.folder, 'ca');

  /** Goes on from what stands in another room: making keys takes its time. */
  async copyFrom(other: CeremonyRoom): Promise<void> {
    await cp(other.folder, this.folder, { recursive: true });
  }

  async prepare(config: string): Promise<void> {
    await writeFile(join(this.folder, 'ceremony.yaml'), config);
    for (const [name, text] of Object.entries(passphrases)) {
      await writeFile(join(this.folder, `${name}.passphrase`), `${text}\n`, { mode: 0o600 });
    }
  }

  /** A ceremony command with its passphrases from files. */
  async hold(command: string, ...more: readonly string[]): Promise<Outcome> {
    const roles: Readonly<Record<string, readonly string[]>> = {
      'init-root': ['root'],
      'request-intermediate': ['intermediate'],
      'issue-intermediate': ['root', 'intermediate'],
      'sign-crl': ['root'],
      import: ['imported', 'root', 'intermediate'],
    };
    const files = (roles[command] ?? []).flatMap((role) => [
      `--${role}-passphrase-file`,
      join(this.folder, `${role}.passphrase`),
    ]);
    return this.run(command, '--config', join(this.folder, 'ceremony.yaml'), ...files, ...more);
  }

  async run(...argv: readonly string[]): Promise<Outcome> {
    let stdout = '';
    let stderr = '';
    this.clock.advance(1);
    const status = await run(argv, {
      stdout: (text) => (stdout += text),
      stderr: (text) => (stderr += text),
      terminal: undefined,
      clock: this.clock,
    });
    return { status, stdout, stderr };
  }

  /** @throws Error with what was told unless the command is done */
  async done(command: string, ...more: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.hold(command, ...more);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  path(...names: readonly string[]): string {
    return join(this.output, ...names);
  }

  read(...names: readonly string[]): Promise<string> {
    return readFile(this.path(...names), 'utf8');
  }

  async issuer(...names: readonly string[]): Promise<Issuer> {
    return Issuer.fromCertificate(onlyPemBlock(await this.read(...names), 'CERTIFICATE'));
  }

  /** Every file and folder of the output, with its permissions. */
  async permissions(): Promise<Record<string, string>> {
    const entries = await readdir(this.output, { recursive: true });
    const modes = await Promise.all(
      ['', ...entries].map(async (name) => [name, ((await stat(this.path(name))).mode & 0o777).toString(8)] as const),
    );
    return Object.fromEntries(modes);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

export const config = (changes: {
  readonly root?: string;
  readonly intermediate?: string;
  readonly crl?: string;
  readonly more?: string;
}): string => `version: 1
output: ca
root:
  common_name: Example VPN Root CA
  key: ${changes.root ?? 'P-384'}
  validity_days: 7300
intermediate:
${changes.intermediate ?? '  name: vpn-2026\n  common_name: Example VPN CA 2026\n  key: P-256\n  validity_days: 1825'}
crl:
  validity_days: 180
${changes.crl ?? ''}
${changes.more ?? ''}
`;
