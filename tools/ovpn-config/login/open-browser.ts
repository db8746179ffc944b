import { spawn } from 'node:child_process';

/** Asks the desktop to show a page. Where there is none, nothing happens: the address has been told too. */
export function openBrowser(url: string): void {
  const [command, ...argv] = commandFor(process.platform);
  const child = spawn(command, [...argv, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function commandFor(platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
