import type { TaggedBytes } from '@libs/contracts';
import { Logger } from '@nestjs/common';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrlCopy } from './crl-copy';
import type { CrlDocument } from './crl-document';

/** Documents of this spec are numbers in decimal. */
function read(body: Buffer): Promise<CrlDocument> {
  const text = body.toString();
  if (!/^\d+$/.test(text)) return Promise.reject(new Error('not a CRL'));
  const numbers = new Map([['issuer', BigInt(text)]]);
  return Promise.resolve({ body, etag: `"${text}"`, lastModified: new Date(Number(text)), numbers });
}

class Signing {
  answers = 0;
  asked: (string | undefined)[] = [];
  number: string | undefined = '5';

  readonly fetch = (etag: string | undefined): Promise<TaggedBytes | undefined> => {
    this.asked.push(etag);
    if (this.number === undefined) return Promise.reject(new Error('signing is away'));
    if (etag === `"s${this.number}"`) return Promise.resolve(undefined);
    this.answers += 1;
    return Promise.resolve({ bytes: Buffer.from(this.number), etag: `"s${this.number}"` });
  };
}

let folder: string;
let file: string;
let signing: Signing;
let copy: CrlCopy;

beforeAll(() => {
  Logger.overrideLogger(false);
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crl-copy-'));
  file = join(folder, 'crl');
  signing = new Signing();
  copy = new CrlCopy({ fetch: signing.fetch, read, file });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const served = async (by = copy): Promise<string> => (await by.current()).body.toString();
const restarted = (): CrlCopy => new CrlCopy({ fetch: signing.fetch, read, file });

describe('the copy of a CRL', () => {
  it('is fetched again only when it has changed', async () => {
    expect([await served(), await served(), await served()]).toEqual(['5', '5', '5']);
    expect(signing.answers).toBe(1);
    signing.number = '6';
    expect(await served()).toBe('6');
    expect(signing.asked).toEqual([undefined, '"s5"', '"s5"', '"s5"']);
  });

  it('never goes back, and asks on for a newer one', async () => {
    await served();
    signing.number = '4';
    expect(await served()).toBe('5');
    signing.number = '7';
    expect(await served()).toBe('7');
    expect(await readFile(file, 'utf8')).toBe('7');
  });

  it('is served when signing is away or answers nonsense, also after a restart', async () => {
    await served();
    for (const number of [undefined, 'garbage']) {
      signing.number = number;
      expect([await served(), await served(restarted())]).toEqual(['5', '5']);
    }
  });

  it('is asked for in whole after a restart, and after one with a damaged file', async () => {
    await served();
    expect(await served(restarted())).toBe('5');
    await writeFile(file, 'damaged');
    expect(await served(restarted())).toBe('5');
    expect(signing.asked).toEqual([undefined, undefined, undefined]);
  });

  it('is nothing where there has never been one', async () => {
    signing.number = undefined;
    await expect(served()).rejects.toThrow('signing is away');
  });
});
