import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { Client } from 'pg';
import { run } from '../../../tools/ct-fsck/run';
import { GUARDED_TABLES } from '../src/database/guard';
import { TestIssuer } from './certificate-fixture';
import { type LogContent, logContent, writeContent } from './log-content';
import { type LogDatabaseFixture, migratedLogDatabase } from './log-fixture';

interface JsonReport {
  readonly findings: readonly { readonly table: string; readonly code: string; readonly index: number | string }[];
}

/** Exit status and what was found: `table code`, each once and sorted. */
export interface Verdict {
  readonly status: number;
  readonly found: readonly string[];
}

/** A superuser's connection to the log, whose triggers are all off, and whose key has been stolen. */
export interface Tampering {
  readonly client: Client;
  readonly url: string;
  readonly content: LogContent;
  readonly stolenKey: typeof SIGNER;
}

const SIGNER = generateNoteKey('log.test/tamper');

/** A log with everything in it, to do harm to, and to mend after each harm. */
export class TamperLab {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ovpn-tamper-'));

  private constructor(
    private readonly database: LogDatabaseFixture,
    private readonly content: LogContent,
    private readonly client: Client,
  ) {
    writeFileSync(this.checkpointFile, content.notes.at(-1) ?? '');
  }

  static async open(): Promise<TamperLab> {
    const database = await migratedLogDatabase();
    const content = await logContent(await TestIssuer.create(), SIGNER.name);
    const written = await writeContent(database, SIGNER, content);
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    await client.query([...TRIGGERS_OFF, ...BACK_UP].join('; '));
    return new TamperLab(database, written, client);
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    await this.client.end();
    await this.database.drop();
  }

  /**
   * What fsck says after the harm, with the last checkpoint that was kept or without.
   * @param undo what brings back definitions that the harm has changed
   */
  async tamper(
    harm: (tampering: Tampering) => Promise<unknown>,
    checkpoints: readonly ('kept' | 'none')[],
    undo = 'SELECT',
  ): Promise<Verdict[]> {
    const { client, content, database } = this;
    try {
      await harm({ client, url: database.superuserUrl, content, stolenKey: SIGNER });
      const verdicts: Verdict[] = [];
      for (const each of checkpoints) {
        verdicts.push(await this.fsck(each === 'kept' ? ['--checkpoint', this.checkpointFile] : []));
      }
      return verdicts;
    } finally {
      await client.query([...RESTORE, undo].join('; '));
    }
  }

  private get checkpointFile(): string {
    return join(this.folder, 'kept.checkpoint');
  }

  private async fsck(argv: readonly string[]): Promise<Verdict> {
    let output = '';
    const status = await run([...argv, '--json', '--key', printVerifierKey(SIGNER.verifier)], {
      environment: { CT_DATABASE_URL: this.database.auditorUrl },
      stdout: (text) => (output += text),
      stderr: (text) => (output += text),
    });
    const { findings } = JSON.parse(output) as JsonReport;
    const kinds = findings.map(
      ({ table, code }) => `${table === this.checkpointFile ? 'kept checkpoint' : table} ${code}`,
    );
    return { status, found: [...new Set(kinds)].sort() };
  }
}

/** What only a superuser can do, and needs to before anything else. */
const TRIGGERS_OFF = [
  ...['before_ddl', 'on_drop', 'on_ddl'].map((name) => `ALTER EVENT TRIGGER ct_guard_${name} DISABLE`),
  ...GUARDED_TABLES.map((table) => `ALTER TABLE ${table} DISABLE TRIGGER ALL`),
];

const backupOf = (table: string) => `backup.${table.replace('.', '_')}`;

const BACK_UP = [
  'CREATE SCHEMA backup',
  ...GUARDED_TABLES.map((table) => `CREATE TABLE ${backupOf(table)} AS TABLE ${table}`),
];

const RESTORE = [
  `TRUNCATE ${GUARDED_TABLES.join(', ')}`,
  ...GUARDED_TABLES.map((table) => {
    // Generated columns make themselves.
    const columns = table === 'ct.private_context' ? 'idx, entry_type, salt, context' : '*';
    const list = columns === '*' ? '' : `(${columns})`;
    return `INSERT INTO ${table} ${list} SELECT ${columns} FROM ${backupOf(table)}`;
  }),
];
