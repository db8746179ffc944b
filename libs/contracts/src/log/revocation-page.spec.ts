import { randomBytes } from 'node:crypto';
import { generateNoteKey, openCheckpoint, openNote, signCheckpoint, signNote } from '@libs/tlog';
import fc from 'fast-check';
import { openRevocationPage, type PageRevocation, type RevocationPage, signRevocationPage } from './revocation-page';

const signer = generateNoteKey('log.example/one');
const verifiers = [signer.verifier];
const ROOT = Buffer.alloc(32, 7);

const revocation = (index: number): PageRevocation => ({
  index,
  issuer: 'ab'.repeat(32),
  serialNumber: '7F'.repeat(20),
  reason: 4,
  revokedAt: new Date('2026-05-04T03:02:01.000Z'),
  notAfter: new Date('2026-08-04T03:02:01.987Z'),
});

const page = (changes: Partial<RevocationPage> = {}): RevocationPage => ({
  origin: signer.name,
  issuedAt: new Date('2026-05-04T03:02:01.987Z'),
  since: 3,
  next: 12,
  complete: true,
  size: 12,
  root: ROOT,
  extends: 0,
  proof: [],
  revocations: [revocation(5), revocation(9)],
  ...changes,
});

const signedText = (change: (text: string) => string) =>
  signNote(change(openNote(signRevocationPage(page(), [signer]), verifiers).text), [signer]);

describe('a page of the revocation feed', () => {
  it('is read back as it was signed, whatever it holds', () => {
    const instant = fc.date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true });
    const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((one) => Buffer.from(one));
    const entry = fc.record({
      issuer: hex(32).map((bytes) => bytes.toString('hex')),
      serialNumber: hex(20).map((bytes) => bytes.toString('hex').toUpperCase()),
      reason: fc.integer({ min: 0, max: 10 }),
      revokedAt: instant,
      notAfter: instant,
    });
    const pages = fc.record({
      entries: fc.array(entry, { maxLength: 20 }),
      since: fc.nat(1_000_000),
      more: fc.nat(1_000_000),
      complete: fc.boolean(),
      proof: fc.array(hex(32), { maxLength: 5 }),
      issuedAt: instant,
    });
    fc.assert(
      fc.property(pages, ({ entries, since, more, complete, proof, issuedAt }) => {
        const revocations = entries.map((one, position) => ({ index: since + 2 * position, ...one }));
        const last = revocations.at(-1);
        const size = since + 2 * entries.length + more;
        const isComplete = complete || last === undefined;
        const next = isComplete ? size : last.index + 1;
        const written = page({ since, next, size, complete: isComplete, proof, extends: since, issuedAt, revocations });
        expect(openRevocationPage(signRevocationPage(written, [signer]), verifiers)).toEqual(written);
      }),
    );
  });

  it('is never taken for a checkpoint, nor a checkpoint for a page', () => {
    const note = signRevocationPage(page(), [signer]);
    expect(() => openCheckpoint(note, verifiers)).toThrow('without spaces');
    const checkpoint = signCheckpoint({ origin: signer.name, size: 12, root: ROOT }, [signer]);
    expect(() => openRevocationPage(checkpoint, verifiers)).toThrow('the first line');
    const extensions = ['openvpn-manager revocations v1'];
    const strange = signCheckpoint({ origin: signer.name, size: 12, root: ROOT, extensions }, [signer]);
    expect(() => openRevocationPage(strange, verifiers)).toThrow('the first line');
  });

  it('is signed by the key of its origin, and only with it', () => {
    const other = generateNoteKey('log.example/two');
    expect(() => signRevocationPage(page(), [other])).toThrow('the key of its origin');
    const note = signRevocationPage(page({ origin: other.name }), [other]);
    expect(() => openRevocationPage(note, verifiers)).toThrow('not signed by a known key');
    const borrowed = signNote(openNote(note, [other.verifier]).text, [signer]);
    expect(() => openRevocationPage(borrowed, verifiers)).toThrow('is not signed by its key');
  });

  it.each<[string, (text: string) => string]>([
    ['a revocation is taken out of a full page', (text) => text.replace('next 12 complete', 'next 11 complete')],
    ['the page ends before its last revocation', (text) => text.replace('next 12 complete', 'next 9 partial')],
    ['the page ends after its last revocation', (text) => text.replace('next 12 complete', 'next 12 partial')],
    ['revocations are not in order', (text) => text.replace('\n9 ', '\n4 ')],
    ['a revocation is named twice', (text) => text.replace('\n9 ', '\n5 ')],
    ['a revocation was asked for before', (text) => text.replace('\n5 ', '\n2 ')],
    ['a revocation lies outside of the log', (text) => text.replace('\n9 ', '\n12 ')],
    ['a number has a leading zero', (text) => text.replace('since 3', 'since 03')],
    ['a time is spelled in another way', (text) => text.replace('03:02:01.000Z', '03:02:01Z')],
    ['a time does not exist', (text) => text.replace('2026-08-04', '2026-13-04')],
    ['a serial number is short', (text) => text.replace('7F7F', '7F')],
    ['a reason is none of RFC 5280', (text) => text.replace(' 4 2026', ' 11 2026')],
    ['a root is short', (text) => text.replace(ROOT.toString('base64'), 'AAAA')],
    ['a line is appended', (text) => `${text}more\n`],
    ['a blank is appended', (text) => text.replace('extends 0', 'extends 0 ')],
    ['the origin is missing', (text) => text.replace('origin ', '')],
  ])('is refused although it is signed, when %s', (_, change) => {
    expect(() => openRevocationPage(signedText(change), verifiers)).toThrow('is not that of a page of revocations');
  });

  it('is refused when a byte of it was changed on the way', () => {
    const note = Buffer.from(signRevocationPage(page(), [signer]));
    for (let position = 0; position < note.length; position += 1) {
      const changed = Buffer.from(note);
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect(() => openRevocationPage(changed, verifiers)).toThrow();
    }
    expect(() => openRevocationPage(randomBytes(100), verifiers)).toThrow();
  });
});
