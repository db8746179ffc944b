import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { TestIssuer } from '../../../apps/certtransparency/test/certificate-fixture';
import {
  type LogContent,
  logContent,
  writeBatches,
  writeContent,
} from '../../../apps/certtransparency/test/log-content';
import { type LogDatabaseFixture, migratedLogDatabase, query } from '../../../apps/certtransparency/test/log-fixture';
import * as shapes from '../expected-rows';
import { run } from '../run';

const signer = generateNoteKey('log.test/fsck');
const KEY = ['--key', printVerifierKey(signer.verifier)];
const folder = mkdtempSync(join(tmpdir(), 'ovpn-fsck-'));
let database: LogDatabaseFixture;
let content: LogContent;

beforeAll(async () => {
  database = await migratedLogDatabase();
  content = await writeContent(database, signer, await logContent(await TestIssuer.create(), signer.name));
});

afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function fsck(url: string | undefined, argv: readonly string[]) {
  const [stdout, stderr]: string[][] = [[], []];
  const status = await run(argv, {
    environment: url === undefined ? {} : { CT_DATABASE_URL: url },
    stdout: (text) => stdout?.push(text),
    stderr: (text) => stderr?.push(text),
  });
  return { status, stdout: stdout?.join(''), stderr: stderr?.join('') };
}

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('ct-fsck', () => {
  it('says what it looked at', async () => {
    const { status, stdout } = await fsck(database.auditorUrl, [...KEY, '--json']);
    const report = JSON.parse(stdout ?? '') as object;
    expect({ status, ...report }).toMatchObject({
      status: 'clean',
      size: 269,
      private_contexts_checked: true,
      findings: [],
      not_listed: [],
      counts: {
        issued: 264,
        revoked: 2,
        crl: 2,
        key_rotation: 1,
        checkpoints: content.notes.length,
        full_tiles: 1,
        crl_numbers: 2,
        contexts_opened: 265,
        contexts_erased: 1,
      },
    });
  });

  it('says what it could not look at as a reader, who does not see private contexts', async () => {
    const { status, stdout } = await fsck(database.readerUrl, KEY);
    expect(status).toBe(0);
    expect(stdout).toContain('private contexts were NOT checked');
  });

  it('is content with every checkpoint that the log has shown', async () => {
    const files = content.notes.map((note, i) => ['--checkpoint', fileWith(`${i}.checkpoint`, note)]).flat();
    expect(await fsck(database.auditorUrl, [...KEY, ...files])).toMatchObject({ status: 0 });
  });

  it('sees one state of a log that grows meanwhile', async () => {
    const growing = await migratedLogDatabase();
    try {
      const batches = await logContent(await TestIssuer.create(), signer.name);
      const writer = { isDone: false };
      const writing = writeBatches(growing.writerUrl, signer, batches).finally(() => (writer.isDone = true));
      while (!writer.isDone) {
        const { status, stdout } = await fsck(growing.auditorUrl, [...KEY, '--json']);
        // CRL numbers are allocated by the service, which is not there.
        const { findings } = JSON.parse(stdout ?? '') as { findings: { table: string }[] };
        expect(findings.filter(({ table }) => table !== 'ct_crl.crl_number')).toEqual([]);
        expect(status).toBe(findings.length === 0 ? 0 : 1);
      }
      await writing;
    } finally {
      await growing.drop();
    }
  });

  it('lists findings in words', async () => {
    const { status, stdout } = await fsck(database.auditorUrl, [
      '--key',
      printVerifierKey(generateNoteKey(signer.name).verifier),
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain('ct.checkpoint 8: the note has no valid signature by a known key (note_unverified)\n');
    expect(stdout).toContain(`ct.checkpoint: ${content.notes.length - 20} more of the kind note_unverified\n`);
    expect(stdout).toContain(`${content.notes.length} findings in 269 entries`);
  });

  it.each<[string, () => { url?: string; argv: string[] }, RegExp]>([
    ['a database', () => ({ argv: KEY }), /CT_DATABASE_URL is missing/],
    ['a database that answers', () => ({ url: 'postgres://nobody@127.0.0.1:9/log', argv: KEY }), /ECONNREFUSED/],
    [
      'the tables of the log',
      () => ({ url: database.superuserUrl.replace(/[^/]*$/, 'postgres'), argv: KEY }),
      /does not exist/,
    ],
    ['a role that may read', () => ({ url: database.migratorUrl, argv: KEY }), /permission denied/],
    ['a key', () => ({ url: database.auditorUrl, argv: [] }), /verifier key is needed/],
    ['a key that is one', () => ({ url: database.auditorUrl, argv: ['--key', 'x'] }), /malformed/],
    [
      'a checkpoint that is there',
      () => ({ url: database.auditorUrl, argv: [...KEY, '--checkpoint', join(folder, 'none')] }),
      /no such file/,
    ],
    [
      'a checkpoint of the log',
      () => ({ url: database.auditorUrl, argv: [...KEY, '--checkpoint', fileWith('bad', 'nonsense\n')] }),
      /bad: /,
    ],
    ['options that it knows', () => ({ url: database.auditorUrl, argv: ['--nonsense'] }), /--help/],
  ])('checks nothing without %s', async (_, how, reason) => {
    const { url, argv } = how();
    const { status, stdout, stderr } = await fsck(url, argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(reason);
  });

  it('explains itself', async () => {
    expect(await fsck(undefined, ['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('usage: ct-fsck') as string,
    });
  });
});

/** Told by the database alone: nothing in the leaves says when a checkpoint was stored, or why a context was erased. */
const BEYOND_THE_LEAVES = [
  'ct.checkpoint.created_at',
  'ct.erasure.actor_commitment',
  'ct.erasure.erased_at',
  'ct.erasure.reason',
  'ct.erasure.request',
];

it('ct-fsck looks at every column of every table', async () => {
  const rows = await query(
    database.superuserUrl,
    `SELECT format('%s.%s.%s', table_schema, table_name, column_name) AS name
     FROM information_schema.columns WHERE table_schema IN ('ct', 'ct_crl')`,
  );
  const looked = Object.values(shapes).flatMap((shape) =>
    typeof shape === 'object' && 'table' in shape ? shape.columns.map((column) => `${shape.table}.${column}`) : [],
  );
  const there = rows.map(({ name }) => String(name));
  expect([...new Set([...looked, ...BEYOND_THE_LEAVES])].sort()).toEqual(there.sort());
});
