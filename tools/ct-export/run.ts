import { parseArgs } from 'node:util';
import { ConfigurationError, EnvironmentReader } from '@libs/config';
import { errorCode } from '@libs/http';
import { LogDatabase } from '../../apps/certtransparency/src/database/log-database';
import { logDataSourceOptions } from '../../apps/certtransparency/src/database/data-source-options';
import { LogUnavailable } from '../../apps/certtransparency/src/database/log-unavailable';
import { provisionLogDatabase } from '../../apps/certtransparency/src/database/provision';
import { CannotExport } from './cannot-export';
import { exportLog } from './export-log';
import { LogSource } from './log-source';
import { StaticLog } from './static-log';

/** The world of a run. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Told now and then how far it has got. */
  readonly onProgress?: (entries: number, total: number) => void;
}

const HELP = `usage: ct-export DIR

Writes the whole certificate log into a folder as static files (C2SP tlog-tiles): checkpoint, tiles of hashes, and bundles
of entries. Any web server can serve them, and any verifier of transparency logs can walk them: ct-verify export DIR.

A folder that holds an earlier export gets what is new. It is a whole log at every moment: files are replaced as one, and
the checkpoint comes last. Interrupt it and run it again as you like.

The database is the one of CT_DATABASE_URL, as any role that may read it; in development that of the development data.
Exit status: 0 exported, 1 not.
`;

const EXPORTED = 0;
const FAILED = 1;
const POOL = { size: 4, connectTimeoutMs: 10_000, statementTimeoutMs: 60_000 };

/** `ct-export`: answers the exit status. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { environment, stdout, stderr, onProgress = () => undefined } = surroundings;
  try {
    const directory = directoryOf(argv);
    if (directory === undefined) {
      stdout(HELP);
      return EXPORTED;
    }
    const { size, added } = await withDatabase(environment, (database) =>
      exportLog(new LogSource(database), new StaticLog(directory), onProgress),
    );
    stdout(`${directory} holds the log of ${String(size)} entries, ${String(added)} of them new\n`);
    return EXPORTED;
  } catch (error) {
    stderr(`Not exported: ${reasonOf(error)}\n`);
    return FAILED;
  }
}

/** Undefined when help is wanted. */
function directoryOf(argv: readonly string[]): string | undefined {
  const help = { type: 'boolean', short: 'h' } as const;
  const { values, positionals } = parseArgs({ args: [...argv], options: { help }, allowPositionals: true });
  const [directory, ...more] = positionals;
  if (values.help) return undefined;
  if (directory === undefined || directory === '' || more.length > 0) {
    throw new CannotExport('say one folder to export into: npm run ct:export -- DIR');
  }
  return directory;
}

async function withDatabase<T>(
  environment: Surroundings['environment'],
  work: (database: LogDatabase) => Promise<T>,
): Promise<T> {
  const { url, stop } = await databaseOf(environment);
  try {
    const database = await LogDatabase.open(logDataSourceOptions(url, POOL));
    try {
      return await work(database);
    } finally {
      await database.onApplicationShutdown();
    }
  } finally {
    await stop();
  }
}

/** A developer's own log, unless a database is named. */
async function databaseOf(
  environment: Surroundings['environment'],
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const isNamed = Boolean(environment['CT_DATABASE_URL'] ?? environment['CT_DATABASE_URL_FILE']);
  if (!isNamed && (environment['NODE_ENV'] ?? 'development') === 'development') {
    const { prepareCertTransparency } = await import('@libs/development');
    const { variables, stop } = await prepareCertTransparency(environment, provisionLogDatabase);
    return { url: variables['CT_DATABASE_URL'] ?? '', stop };
  }
  const reader = new EnvironmentReader(environment);
  const url = reader.databaseUrl('CT_DATABASE_URL', { sqlite: false });
  reader.finish();
  return { url, stop: () => Promise.resolve() };
}

/** PostgreSQL's code of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

function reasonOf(error: unknown): string {
  if (error instanceof CannotExport || error instanceof ConfigurationError) return error.message;
  if (errorCode(error) === UNDEFINED_TABLE) return 'the database holds no certificate log';
  const cause = error instanceof LogUnavailable ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return reason === '' ? 'the database does not answer' : reason;
}
