import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { type LogDatabaseFixture, migratedLogDatabase, query } from '../../apps/certtransparency/test/log-fixture';
import { loadLargeLog } from './support/large-log';

const SIZE = 100_000;
const MEMORY_MB = 300;

interface JsonReport {
  readonly status: string;
  readonly size: number;
  readonly peak_memory_mb: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly table: string; readonly index: number | string; readonly code: string }[];
}

const signer = generateNoteKey('log.example/fsck');
let database: LogDatabaseFixture;

beforeAll(async () => {
  database = await migratedLogDatabase();
  await loadLargeLog(database.superuserUrl, signer, SIZE);
});

afterAll(() => database.drop());

/** The tool as it is built, since a thread of its own needs what is built. */
function fsck(): { status: number | null; report: JsonReport } {
  const main = join(__dirname, '../../dist/tools/ct-fsck/main.js');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [main, '--json', '--key', printVerifierKey(signer.verifier)],
    { env: { CT_DATABASE_URL: database.auditorUrl }, encoding: 'utf8' },
  );
  if (stdout === '') throw new Error(stderr);
  return { status, report: JSON.parse(stdout) as JsonReport };
}

describe(`an audit of a log of ${SIZE} entries`, () => {
  it('finds it clean, in little memory', () => {
    const { status, report } = fsck();
    expect({ status, findings: report.findings, size: report.size }).toEqual({ status: 0, findings: [], size: SIZE });
    expect(report.counts['full_tiles']).toBe(Math.floor(SIZE / 256) + Math.floor(SIZE / 65_536));
    expect(report.peak_memory_mb).toBeLessThan(MEMORY_MB);
  });

  it('finds the one leaf that was changed, and every tile above it', async () => {
    const leaf = 'set_byte(leaf, octet_length(leaf) - 3, get_byte(leaf, octet_length(leaf) - 3) # 1)';
    await query(
      database.superuserUrl,
      `ALTER EVENT TRIGGER ct_guard_on_ddl DISABLE; ALTER TABLE ct.entry DISABLE TRIGGER ALL;
       UPDATE ct.entry SET leaf = ${leaf}, leaf_hash = sha256('\\x00'::bytea || ${leaf}) WHERE idx = 3210`,
    );
    const { status, report } = fsck();
    expect(status).toBe(1);
    const found = report.findings.map(({ table, index, code }) => `${table} ${index} ${code}`);
    expect(found).toEqual(
      expect.arrayContaining(['ct.entry 3210 fields_differ', 'ct.tile 0/12 row_differs', 'ct.tile 1/0 row_differs']),
    );
    expect(found.filter((each) => each.startsWith('ct.tile'))).toHaveLength(2);
  });
});
