import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';

const PROGRAM = join(__dirname, 'tls-crypt-v2-verify');
const SERIAL = '54D80A29CC42945DDD2C4372446389FE3D02C057';
const ISSUER = 'ab'.repeat(32);
const NOT_AFTER = '2027-02-22T11:45:25.000Z';

const decimal = (serial: string) => BigInt(`0x${serial}`).toString();
const metadataOf = (changes: object = {}) =>
  JSON.stringify({ serial: SERIAL, issuer: ISSUER, not_after: NOT_AFTER, ...changes });

describe('tls-crypt-v2-verify', () => {
  let folder: string;
  let revoked: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'verify-'));
    revoked = join(folder, 'revoked');
    mkdirSync(revoked);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** As OpenVPN runs it: the metadata in a file, and no variables but its own. */
  function verify(metadata: string | Buffer, variables: NodeJS.ProcessEnv = {}, args: readonly string[] = [revoked]) {
    const file = join(folder, 'metadata');
    writeFileSync(file, metadata);
    const own = { script_type: 'tls-crypt-v2-verify', metadata_type: '0', metadata_file: file };
    const options = { cwd: folder, env: { ...own, ...variables }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(PROGRAM, args, options);
    return { accepted: status === 0, said: stdout + stderr };
  }

  it('lets a certificate in that has not been revoked, and says nothing', () => {
    writeFileSync(join(revoked, decimal(SERIAL.replace('5', '4'))), '');
    expect(verify(metadataOf())).toEqual({ accepted: true, said: '' });
  });

  it('refuses a revoked one, and names it as OpenVPN does', () => {
    writeFileSync(join(revoked, decimal(SERIAL)), '');
    const said = `tls-crypt-v2-verify: refused: certificate ${decimal(SERIAL)} is revoked\n`;
    expect(verify(metadataOf())).toEqual({ accepted: false, said });
  });

  it('finds any serial number by its decimal form', () => {
    const numbers = fc.oneof(
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
      fc.nat(19).chain((zeros) => fc.uint8Array({ minLength: 20 - zeros, maxLength: 20 - zeros })),
      fc.constantFrom(Buffer.of(1), Buffer.alloc(20), Buffer.alloc(20, 0xff), Buffer.of(0x7f, ...Buffer.alloc(19))),
    );
    fc.assert(
      fc.property(numbers, (bytes) => {
        const serial = Buffer.from(bytes).toString('hex').toUpperCase().padStart(40, '0');
        const file = join(revoked, decimal(serial));
        writeFileSync(file, '');
        const { said } = verify(metadataOf({ serial }));
        rmSync(file);
        expect(said).toContain(`certificate ${decimal(serial)} is revoked`);
        expect(verify(metadataOf({ serial })).accepted).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'serial=1'],
    ['other fields', JSON.stringify({ serial: SERIAL, issuer: ISSUER })],
    ['one field more', metadataOf({ more: '1' })],
    ['fields in another order', JSON.stringify({ issuer: ISSUER, serial: SERIAL, not_after: NOT_AFTER })],
    ['other names', JSON.stringify({ number: SERIAL, issuer: ISSUER, until: NOT_AFTER })],
    ['spaces', JSON.stringify(JSON.parse(metadataOf()), undefined, 1)],
    ['an end of line', `${metadataOf()}\n`],
    ['a second line', `${metadataOf()}\n${metadataOf()}`],
    ['a short serial number', metadataOf({ serial: SERIAL.slice(1) })],
    ['a long serial number', metadataOf({ serial: `0${SERIAL}` })],
    ['lower-case digits', metadataOf({ serial: SERIAL.toLowerCase() })],
    ['a path', metadataOf({ serial: '../'.repeat(13).padEnd(40, 'A') })],
    ['a pattern of file names', metadataOf({ serial: '*'.repeat(40) })],
    ['an expression', metadataOf({ serial: `$(touch ${'x'.repeat(31)})` })],
    ['an expression of arithmetic', metadataOf({ serial: 'a[$(id)]'.repeat(5) })],
    ['a serial number that is no text', `{"serial":${SERIAL},"issuer":"${ISSUER}","not_after":"${NOT_AFTER}"}`],
    ['an issuer that is none', metadataOf({ issuer: 'AB'.repeat(32) })],
    ['a time that is none', metadataOf({ not_after: 'never' })],
    ['as many bytes as fit', 'x'.repeat(733)],
    ['only zeros', Buffer.alloc(733)],
  ])('refuses metadata with %s, and writes no file', (_, metadata) => {
    expect(verify(metadata)).toEqual({
      accepted: false,
      said: expect.stringMatching(/^tls-crypt-v2-verify: refused: .+\n$/) as string,
    });
  });

  it('takes a pattern for no file name, whatever stands in the folder where the server runs', () => {
    writeFileSync(join(folder, SERIAL), '');
    expect(verify(metadataOf({ serial: '?'.repeat(40) })).accepted).toBe(false);
  });

  it('refuses whatever bytes stand in the metadata', () => {
    const texts = fc.oneof(fc.uint8Array({ maxLength: 733 }), fc.string({ unit: 'binary', maxLength: 180 }));
    fc.assert(
      fc.property(texts, (bytes) => {
        expect(verify(Buffer.from(bytes as string)).accepted).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['of another kind (a time)', { metadata_type: '1' }],
    ['that is not there', { metadata_file: '/nowhere' }],
    ['of another script', { script_type: 'tls-verify' }],
  ])('refuses metadata %s', (_, variables) => {
    expect(verify(metadataOf(), variables).accepted).toBe(false);
  });

  it.each([
    ['no folder', () => []],
    ['an empty name', () => ['']],
    ['a folder that is missing', () => [join(folder, 'nowhere')]],
    ['a file', () => [join(folder, 'metadata')]],
  ])('refuses everybody when given %s', (_, args) => {
    expect(verify(metadataOf(), {}, args())).toMatchObject({
      accepted: false,
      said: expect.stringContaining('cannot be searched') as string,
    });
  });

  it('needs no other program, and no search path', () => {
    chmodSync(revoked, 0o711);
    writeFileSync(join(revoked, decimal(SERIAL)), '');
    expect(verify(metadataOf(), { PATH: '/nonexistent' }).said).toContain('is revoked');
  });

  it('is over before a program in Node.js would have started', () => {
    const serials = Array.from({ length: 15 }, () => randomBytes(20).toString('hex').toUpperCase());
    const own = serials.map((serial) => elapsed(() => verify(metadataOf({ serial }))));
    const node = serials.slice(0, 3).map(() => elapsed(() => spawnSync(process.execPath, ['-e', ''])));
    expect(Math.min(...own) * 3).toBeLessThan(Math.min(...node));
  });
});

function elapsed(act: () => unknown): number {
  const started = performance.now();
  act();
  return performance.now() - started;
}
