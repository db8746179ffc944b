import { dayMs } from '@libs/pki';
import { CrlNotAvailable } from '../src/crl/crl-distribution';
import { crlsIn, serialsOf, workshopsOfTests } from './support/crl-workshop';

const MINUTE = 60_000;

const tests = workshopsOfTests();

describe('with two issuers', () => {
  it('each has a CRL of its own with what it has revoked, and the bundle has both and the root’s', async () => {
    const { publisher, bundle, active, old } = await tests.current.service();
    const [ofActive, ofOld] = [tests.current.records.revoke(active), tests.current.records.revoke(old)];
    await publisher.refresh();
    const crls = crlsIn(bundle());
    expect(crls.map(({ issuer }) => issuer)).toEqual(
      [active, old, { issuer: tests.authorities.pki.root.issuer }].map(({ issuer }) => issuer.subject),
    );
    expect(crls.map(serialsOf)).toEqual([[ofActive.serial], [ofOld.serial], []]);
  });

  it('a revocation is covered by the CRL of the issuer that it concerns', async () => {
    const { publisher, old } = await tests.current.service();
    await publisher.refresh();
    const { serial, index } = tests.current.records.revoke(old);
    expect(await publisher.covers(old.issuer.spkiSha256, index, 5_000)).toBe(true);
    const [, ofOld] = publisher.inUse;
    expect(serialsOf(ofOld?.current)).toEqual([serial]);
    expect(await publisher.covers(Buffer.alloc(32), index, 5_000)).toBe(false);
  });

  it('there is no bundle while the CRL of one is missing: its revoked clients would be let in', async () => {
    const { publisher, bundle } = await tests.current.service();
    await publisher.inUse[0]?.rebuild();
    expect(bundle).toThrow(CrlNotAvailable);
    await publisher.inUse[1]?.rebuild();
    expect(crlsIn(bundle())).toHaveLength(3);
  });

  it('one that issues no more goes on being published until its certificate expires', async () => {
    const { publisher, bundle, old } = await tests.current.service();
    await publisher.refresh();
    tests.current.advance(9 * dayMs);
    const { serial } = tests.current.records.revoke(old, tests.authorities.retiring.issuer.notAfter);
    await publisher.refresh();
    expect(crlsIn(bundle()).flatMap(serialsOf)).toEqual([serial]);
    tests.current.advance(1.1 * dayMs);
    await publisher.refresh();
    expect(crlsIn(bundle()).map(({ issuer }) => issuer)).toEqual([
      tests.authorities.pki.intermediate.issuer.subject,
      tests.authorities.pki.root.issuer.subject,
    ]);
  });

  it('what goes wrong with one does not keep the other from its CRL', async () => {
    const { publisher, active, old } = await tests.current.service();
    await publisher.refresh();
    const broken = jest.spyOn(active.key, 'sign').mockRejectedValue(new Error('the token is away'));
    const ofActive = tests.current.records.revoke(active);
    const ofOld = tests.current.records.revoke(old);
    await expect(publisher.refresh()).rejects.toThrow('the token is away');
    expect(serialsOf(publisher.inUse[1]?.current)).toEqual([ofOld.serial]);
    expect(serialsOf(publisher.current)).toEqual([]);
    broken.mockRestore();
    await publisher.refresh();
    expect(serialsOf(publisher.current)).toEqual([ofActive.serial]);
  });

  it('is served from disk after a restart, whatever the log does', async () => {
    const first = await tests.current.service();
    tests.current.records.revoke(first.old);
    await first.publisher.refresh();
    tests.current.records.isDown = true;
    const second = await tests.current.service();
    expect(second.bundle()).toBe(first.bundle());
    await expect(second.publisher.refresh()).rejects.toThrow('the log is away');
    expect(second.bundle()).toBe(first.bundle());
  });
});

describe('many revocations at once', () => {
  it('share a CRL or two', async () => {
    const { publisher, active } = await tests.current.service();
    await publisher.refresh();
    const before = tests.current.records.appended.length;
    const revoked = Array.from({ length: 40 }, () => tests.current.records.revoke(active));
    const covered = await Promise.all(
      revoked.map(({ index }) => publisher.covers(active.issuer.spkiSha256, index, 5_000)),
    );
    expect(covered.every(Boolean)).toBe(true);
    expect(tests.current.records.appended.length - before).toBeLessThanOrEqual(2);
    expect(serialsOf(publisher.current)).toEqual(revoked.map(({ serial }) => serial));
  });

  it('and two within a second have two CRLs that are a second apart, so that the newer one wins', async () => {
    const { publisher, active } = await tests.current.service();
    await publisher.refresh();
    const times: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { index } = tests.current.records.revoke(active);
      expect(await publisher.covers(active.issuer.spkiSha256, index, 5_000)).toBe(true);
      times.push(publisher.current?.thisUpdate.getTime() ?? 0);
    }
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(times[1]).toBeLessThanOrEqual(tests.current.clock.now().getTime() - MINUTE);
  });
});
