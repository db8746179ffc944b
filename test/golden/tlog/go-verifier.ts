import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCE = join(process.cwd(), 'test/golden/tlog/verify_receipt.go');
const GOPATH = process.env['TLOG_GOPATH'] ?? '/usr/share/gocode';
const PACKAGES = join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog');

/**
 * Compiles verify_receipt.go and answers the program's path. Answers undefined where Go or its packages (Debian's
 * golang-go and golang-golang-x-mod-dev) are missing, except in CI, where that is an error.
 */
export function buildGoVerifier(): string | undefined {
  const hasGo = spawnSync('go', ['version']).status === 0 && existsSync(PACKAGES);
  if (!hasGo) {
    if (process.env['CI'] !== undefined) throw new Error('CI needs golang-go and golang-golang-x-mod-dev');
    return undefined;
  }
  const binary = join(tmpdir(), `ovpn-verify-receipt-${process.pid}`);
  const environment = { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(tmpdir(), 'ovpn-go-cache') };
  const build = spawnSync('go', ['build', '-o', binary, SOURCE], { env: environment, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`verify_receipt.go does not compile: ${build.stderr}`);
  return binary;
}
