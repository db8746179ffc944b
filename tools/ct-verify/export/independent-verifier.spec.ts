import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Leaf, leafHash, NO_COMMITMENT } from '@libs/tlog';
import { buildGoVerifier } from '../../../test/golden/tlog/go-verifier';
import { FIRST_TIME, TestCertificates } from '../test/test-certificates';
import { TestLog } from '../test/test-log';
import { flipBit, Workbench } from '../test/workbench';

function crl(crlNumber: number): Leaf {
  const header = { loggedAt: FIRST_TIME, commitment: Buffer.from(NO_COMMITMENT), issuer: Buffer.alloc(32) };
  return { type: 'crl', ...header, crlNumber, crlSha256: leafHash(Buffer.from(String(crlNumber))) };
}

const goVerifier = buildGoVerifier('verify_export');

// Go's packages come from a Debian package, which not every developer's machine has; CI must.
if (goVerifier !== undefined) {
  describe.each([600, 100_000])("an export of %i entries, to Go's transparency log packages and to ours", (size) => {
    const log = new TestLog();
    const bench = new Workbench(log.key);
    const go = () => spawnSync(goVerifier, ['-key', log.key, bench.folder], { encoding: 'utf8' });

    beforeAll(async () => {
      const certificates = await TestCertificates.create();
      // A tenth of them certificates, so that making them does not take longer than what is tested.
      for (let i = 0; i < size; i += 1) log.append(i % 10 === 0 ? await certificates.issue(`User ${i}`) : crl(i));
      await log.export(bench.folder);
    }, 120_000);
    afterAll(() => bench.remove());

    it('is sound', async () => {
      expect(go()).toMatchObject({ status: 0, stdout: `verified: ${size} entries\n` });
      expect(await bench.json('export', bench.folder)).toMatchObject({ status: 0, log_size: size, issued: size / 10 });
    }, 120_000);

    it('is not, with a bit of a file changed', async () => {
      for (const path of ['checkpoint', 'tile/0/001', 'tile/entries/000']) {
        const file = join(bench.folder, path);
        const sound = readFileSync(file);
        writeFileSync(file, flipBit(sound, 333));
        expect([path, go().status, (await bench.run('export', bench.folder)).status]).toEqual([path, 1, 1]);
        writeFileSync(file, sound);
      }
    });
  });
}
