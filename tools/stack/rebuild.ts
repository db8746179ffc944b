import { spawn, type ChildProcess } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
const FOLDERS = ['apps', 'libs'];
/** An editor writes a file in several steps, and a checkout many files. */
const SETTLE_MS = 200;

/**
 * Compiles again when a source file has changed, one build at a time; services that watch what was built restart. What the
 * compiler has to complain about is shown.
 * @returns what ends it
 */
export function rebuildOnChange(): () => void {
  let timer: NodeJS.Timeout | undefined;
  let build: ChildProcess | undefined;
  const start = () => {
    if (build) {
      timer = setTimeout(start, SETTLE_MS);
      return;
    }
    const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
    build = spawn(process.execPath, [nest, 'build', 'frontend'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    build.once('close', (code) => {
      build = undefined;
      process.stdout.write(code === 0 ? 'Compiled.\n' : 'Not compiled: see above.\n');
    });
  };
  const changed = (_event: string, file: string | null) => {
    if (file !== null && !/\.tsx?$/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(start, SETTLE_MS);
  };
  const watchers = FOLDERS.map((folder) => watch(join(ROOT, folder), { recursive: true }, changed));
  return () => {
    clearTimeout(timer);
    build?.kill();
    for (const watcher of watchers) watcher.close();
  };
}
