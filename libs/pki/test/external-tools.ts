import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a verifier that is not ours and answers all that it printed; a non-zero exit status is an error with that text. */
export async function verifierOutput(
  tool: 'openssl' | 'certtool',
  args: readonly string[],
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  try {
    const { stdout, stderr } = await run(tool, [...args], { encoding: 'utf8', ...(env && { env }) });
    return stdout + stderr;
  } catch (error) {
    if (isMissing(error))
      throw new Error(`${tool} is needed for this test: install Debian's ${packages[tool]}.`, { cause: error });
    throw error;
  }
}

const packages = { openssl: 'openssl', certtool: 'gnutls-bin' } as const;

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
