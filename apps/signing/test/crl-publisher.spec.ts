import { dayMs } from '@libs/pki';
import { Logger } from '@nestjs/common';
import { CrlNotAvailable } from '../src/crl/crl-distribution';
import { type CrlAuthorities, CrlWorkshop, crlAuthorities, crlsIn, serialsOf } from './support/crl-workshop';

const MINUTE = 60_000;

let authorities: CrlAuthorities;
let workshop: CrlWorkshop;

beforeAll(async () => {
  Logger.overrideLogger(false);
  authorities = await crlAuthorities();
});

beforeEach(async () => {
  workshop = await CrlWorkshop.open(authorities);
});

afterEach(() => workshop.close());

describe('with two issuers', () => {
  it('each has a CRL of its own with what it has revoked, and the bundle has both and the root’s', async () => {
    const { publisher, bundle, active, old } = await workshop.service();
    const [ofActive, ofOld] = [workshop.records.revoke(active), workshop.records.revoke(old)];
    await publisher.refresh();
    const crls = crlsIn(bundle());
    expect(crls.map(({ issuer }) => issuer)).toEqual(
      [active, old, { issuer: authorities.pki.root.issuer }].map(({ issuer }) => issuer.subject),
    );
    expect(crls.map(serialsOf)).toEqual([[ofActive.serial], [ofOld.serial], []]);
  });

  it('a revocation is covered by the CRL of the issuer that it concerns', async () => {
    const { publisher, old } = await workshop.service();
    await publisher.refresh();
    const { serial, index } = workshop.records.revoke(old);
    expect(await publisher.covers(old.issuer.spkiSha256, index, 5_000)).toBe(true);
    const [, ofOld] = publisher.inUse;
    expect(serialsOf(ofOld?.current)).toEqual([serial]);
    expect(await publisher.covers(Buffer.alloc(32), index, 5_000)).toBe(false);
  });

  it('there is no bundle while the CRL of one is missing: its revoked clients would be let in', async () => {
    const { publisher, bundle } = await workshop.service();
    await publisher.inUse[0]?.rebuild();
    expect(bundle).toThrow(CrlNotAvailable);
    await publisher.inUse[1]?.rebuild();
    expect(crlsIn(bundle())).toHaveLength(3);
  });

  it('one that issues no more goes on being published until its certificate expires', async () => {
    const { publisher, bundle, old } = await workshop.service();
    await publisher.refresh();
    workshop.advance(9 * dayMs);
    const { serial } = workshop.records.revoke(old, authorities.retiring.issuer.notAfter);
    await publisher.refresh();
    expect(crlsIn(bundle()).flatMap(serialsOf)).toEqual([serial]);
    workshop.advance(1.1 * dayMs);
    await publisher.refresh();
    expect(crlsIn(bundle()).map(({ issuer }) => issuer)).toEqual([
      authorities.pki.intermediate.issuer.subject,
      authorities.pki.root.issuer.subject,
    ]);
  });

  it('what goes wrong with one does not keep the other from its CRL', async () => {
    const { publisher, active, old } = await workshop.service();
    await publisher.refresh();
    const broken = jest.spyOn(active.key, 'sign').mockRejectedValue(new Error('the token is away'));
    const ofActive = workshop.records.revoke(active);
    const ofOld = workshop.records.revoke(old);
    await expect(publisher.refresh()).rejects.toThrow('the token is away');
    expect(serialsOf(publisher.inUse[1]?.current)).toEqual([ofOld.serial]);
    expect(serialsOf(publisher.current)).toEqual([]);
    broken.mockRestore();
    await publisher.refresh();
    expect(serialsOf(publisher.current)).toEqual([ofActive.serial]);
  });

  it('is served from disk after a restart, whatever the log does', async () => {
    const first = await workshop.service();
    workshop.records.revoke(first.old);
    await first.publisher.refresh();
    workshop.records.isDown = true;
    const second = await workshop.service();
    expect(second.bundle()).toBe(first.bundle());
    await expect(second.publisher.refresh()).rejects.toThrow('the log is away');
    expect(second.bundle()).toBe(first.bundle());
  });
});

describe('many revocations at once', () => {
  it('share a CRL or two', async () => {
    const { publisher, active } = await workshop.service();
    await publisher.refresh();
    const before = workshop.records.appended.length;
    const revoked = Array.from({ length: 40 }, () => workshop.records.revoke(active));
    const covered = await Promise.all(
      revoked.map(({ index }) => publisher.covers(active.issuer.spkiSha256, index, 5_000)),
    );
    expect(covered.every(Boolean)).toBe(true);
    expect(workshop.records.appended.length - before).toBeLessThanOrEqual(2);
    expect(serialsOf(publisher.current)).toEqual(revoked.map(({ serial }) => serial));
  });

  it('and two within a second have two CRLs that are a second apart, so that the newer one wins', async () => {
    const { publisher, active } = await workshop.service();
    await publisher.refresh();
    const times: number[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { index } = workshop.records.revoke(active);
      expect(await publisher.covers(active.issuer.spkiSha256, index, 5_000)).toBe(true);
      times.push(publisher.current?.thisUpdate.getTime() ?? 0);
    }
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(times[1]).toBeLessThanOrEqual(workshop.clock.now().getTime() - MINUTE);
  });
});
