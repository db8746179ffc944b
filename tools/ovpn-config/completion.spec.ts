import { execFileSync, spawnSync } from 'node:child_process';
import { Desk } from './test/desk';

const desk = new Desk();
afterAll(() => desk.remove());

const script = async (shell: string): Promise<string> => (await desk.run('completion', shell)).stdout;

/** What bash would offer behind these words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const program = `${await script('bash')}
COMP_WORDS=(${['ovpn-config', ...words].map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_ovpn_config
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('completion', () => {
  it('offers the commands, those below them, and their options', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['get', 'renew', 'revoke', 'list', 'completion']));
    expect(await offered('get', '')).toEqual(['profile', 'server-bundle', 'computer-profile', '--help']);
    expect(await offered('get', 'server-bundle', '--ps')).toEqual(['--psk-file', '--psk-fd']);
    expect(await offered('get', 'profile', '--option', 'x', '--dev')).toEqual(['--device-name']);
    expect(await offered('re')).toEqual(['renew', 'revoke']);
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish', '--help']);
  });

  it.each(['zsh', 'fish'])('has a script that %s reads, where there is one', async (shell) => {
    const text = await script(shell);
    expect(text).toMatch(/server-bundle/);
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' });
    if (error === undefined) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is for shells that are known', async () => {
    expect(await desk.run('completion', 'csh')).toMatchObject({ status: 2 });
  });
});
