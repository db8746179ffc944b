import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = join(process.cwd(), 'test/golden/tlog');
const GOPATH = process.env['TLOG_GOPATH'] ?? '/usr/share/gocode';
const PACKAGES = join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog');
const CACHE = join(tmpdir(), 'ovpn-go-cache');
const environment = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: CACHE };

/** Each checks with Go's transparency log packages alone, and exits 0 when all holds. */
export type GoVerifier = 'verify_receipt' | 'verify_export';

/**
 * Compiles a verifier and answers the program's path. Answers undefined where Go or its packages (Debian's
 * golang-go and golang-golang-x-mod-dev) are missing, except in CI, where that is an error.
 */
export function buildGoVerifier(name: GoVerifier = 'verify_receipt'): string | undefined {
  if (!hasGo()) return undefined;
  const binary = join(CACHE, name);
  // Renamed into place, since specs that run side by side build and run the same program.
  const built = `${binary}-${String(process.pid)}`;
  go('build', '-o', built, join(FOLDER, `${name}.go`));
  renameSync(built, binary);
  return binary;
}

/** What generate.go writes here and now; undefined as for `buildGoVerifier`. */
export function generateGolden(): string | undefined {
  return hasGo() ? go('run', join(FOLDER, 'generate.go')) : undefined;
}

function hasGo(): boolean {
  const found = spawnSync('go', ['version']).status === 0 && existsSync(PACKAGES);
  if (!found && process.env['CI'] !== undefined) throw new Error('CI needs golang-go and golang-golang-x-mod-dev');
  return found;
}

function go(...args: readonly string[]): string {
  const run = spawnSync('go', args, { env: environment, encoding: 'utf8', maxBuffer: 16 * 2 ** 20 });
  if (run.status !== 0) throw new Error(`go ${args[0] ?? ''} failed: ${run.stderr}`);
  return run.stdout;
}
