import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { run } from '../../../tools/ct-fsck/run';
import { GUARDED_TABLES } from '../src/database/guard';
import { TestIssuer } from './certificate-fixture';
import { type LogContent, logContent, writeContent } from './log-content';
import { type LogDatabaseFixture, migratedLogDatabase, query } from './log-fixture';

interface JsonReport {
  readonly findings: readonly { readonly table: string; readonly code: string; readonly index: number | string }[];
}

/** Exit status and what was found: `table code`, each once and sorted. */
export interface Verdict {
  readonly status: number;
  readonly found: readonly string[];
}

/** A superuser's connection to a copy of the log, whose triggers are all off, and whose key has been stolen. */
export interface Tampering {
  readonly client: Client;
  readonly url: string;
  readonly content: LogContent;
  readonly stolenKey: typeof SIGNER;
}

const SIGNER = generateNoteKey('log.test/tamper');

/** A log with everything in it, and copies of it to do harm to. */
export class TamperLab {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ovpn-tamper-'));

  private constructor(
    private readonly database: LogDatabaseFixture,
    private readonly content: LogContent,
  ) {
    writeFileSync(this.checkpointFile, content.notes.at(-1) ?? '');
  }

  static async open(): Promise<TamperLab> {
    const database = await migratedLogDatabase();
    const content = await logContent(await TestIssuer.create(), SIGNER.name);
    const written = await writeContent(database, SIGNER, content);
    await switchTriggersOff(database.superuserUrl);
    return new TamperLab(database, written);
  }

  async close(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    await this.database.drop();
  }

  /** What fsck says about a copy after the harm, with the last checkpoint that was kept or without. */
  async tamper(
    harm: (tampering: Tampering) => Promise<unknown>,
    checkpoints: readonly ('kept' | 'none')[],
  ): Promise<Verdict[]> {
    const { name, url } = await this.copy();
    try {
      await this.harm(url, harm);
      const verdicts: Verdict[] = [];
      for (const each of checkpoints) {
        verdicts.push(await this.fsck(url, each === 'kept' ? ['--checkpoint', this.checkpointFile] : []));
      }
      return verdicts;
    } finally {
      await query(this.database.superuserUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    }
  }

  private get checkpointFile(): string {
    return join(this.folder, 'kept.checkpoint');
  }

  private async copy(): Promise<{ name: string; url: string }> {
    const url = new URL(this.database.superuserUrl);
    const original = url.pathname.slice(1);
    const name = `tamper_${randomBytes(8).toString('hex')}`;
    url.pathname = '/postgres';
    await query(url.toString(), `CREATE DATABASE ${name} TEMPLATE ${original}`);
    url.pathname = `/${name}`;
    return { name, url: url.toString() };
  }

  private async harm(url: string, harm: (tampering: Tampering) => Promise<unknown>): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await harm({ client, url, content: this.content, stolenKey: SIGNER });
    } finally {
      await client.end();
    }
  }

  private async fsck(url: string, argv: readonly string[]): Promise<Verdict> {
    let output = '';
    const status = await run([...argv, '--json', '--key', printVerifierKey(SIGNER.verifier)], {
      environment: { CT_DATABASE_URL: url },
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
async function switchTriggersOff(superuserUrl: string): Promise<void> {
  const events = ['before_ddl', 'on_drop', 'on_ddl'].map((name) => `ALTER EVENT TRIGGER ct_guard_${name} DISABLE`);
  const tables = GUARDED_TABLES.map((table) => `ALTER TABLE ${table} DISABLE TRIGGER ALL`);
  await query(superuserUrl, [...events, ...tables].join('; '));
}
