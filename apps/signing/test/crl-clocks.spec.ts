import { Metrics, Readiness } from '@libs/http';
import { dayMs } from '@libs/pki';
import { CrlMonitoring } from '../src/crl/crl-monitoring';
import { start } from './support/crl-records';
import { serialsOf, workshopsOfTests } from './support/crl-workshop';

const HOUR = 3_600_000;

const tests = workshopsOfTests();

describe('when a clock jumps', () => {
  it('that of the log, ahead: no CRL from the future is published, and the last good one stays', async () => {
    const { publisher, active } = await tests.current.service();
    await publisher.refresh();
    const before = publisher.current;
    tests.current.records.clock.advance(3600);
    const { serial } = tests.current.records.revoke(active);
    await expect(publisher.refresh()).rejects.toThrow(/thisUpdate is not backdated/);
    expect(publisher.current).toBe(before);
    tests.current.records.clock.set(tests.current.clock.now());
    await expect(publisher.refresh()).rejects.toThrow(/thisUpdate is not backdated/);
    tests.current.advance(3600_000);
    await publisher.refresh();
    expect(serialsOf(publisher.current)).toEqual([serial]);
  });

  it('that of the log, back: times go on increasing', async () => {
    const { publisher, active } = await tests.current.service();
    await publisher.refresh();
    const before = publisher.current;
    tests.current.records.clock.advance(-86_400);
    const { serial } = tests.current.records.revoke(active);
    await publisher.refresh();
    expect(serialsOf(publisher.current)).toEqual([serial]);
    expect((publisher.current?.thisUpdate.getTime() ?? 0) - (before?.thisUpdate.getTime() ?? 0)).toBe(1000);
    expect(publisher.current?.number).toBe(2n);
  });

  it('our own, back: no CRL is published that would expire too early', async () => {
    const { publisher, active } = await tests.current.service();
    await publisher.refresh();
    const before = publisher.current;
    tests.current.clock.advance(-8 * 86_400);
    tests.current.records.revoke(active);
    await expect(publisher.refresh()).rejects.toThrow(/thisUpdate is not backdated.*nextUpdate is missing or past/s);
    expect(publisher.current).toBe(before);
  });

  it('all of them, ahead and back again: what seemed to have expired is never un-revoked', async () => {
    const { publisher, active } = await tests.current.service();
    const { serial } = tests.current.records.revoke(active, new Date(start.getTime() + 30 * dayMs));
    await publisher.refresh();
    tests.current.advance(40 * dayMs);
    await publisher.rebuild();
    await publisher.rebuild();
    expect(serialsOf(publisher.current)).toEqual([]);
    tests.current.advance(-40 * dayMs);
    tests.current.records.revoke(active);
    await expect(publisher.refresh()).rejects.toThrow(/thisUpdate is not backdated/);
    // What was published meanwhile is from the future, and every server whose clock is right refuses it.
    expect(publisher.current?.thisUpdate.getTime()).toBeGreaterThan(tests.current.clock.now().getTime());
    expect(serial).toHaveLength(40);
  });
});

describe('many CRLs in a row', () => {
  it('slow down before thisUpdate comes near the present', async () => {
    const { publisher, active } = await tests.current.service();
    const issuer = active.issuer.spkiSha256.toString('hex');
    for (let others = 0; others < 246; others += 1) await tests.current.records.log.allocateCrlNumber(issuer);
    await publisher.rebuild();
    const started = performance.now();
    await publisher.rebuild();
    expect(performance.now() - started).toBeGreaterThan(1_900);
  });
});

describe('an entry', () => {
  it('stays on one CRL beyond the expiry of its certificate', async () => {
    const { publisher, active } = await tests.current.service();
    const { serial } = tests.current.records.revoke(active, new Date(start.getTime() + dayMs));
    await publisher.refresh();
    tests.current.advance(2 * dayMs);
    await publisher.refresh();
    expect(serialsOf(publisher.current)).toEqual([serial]);
    await publisher.rebuild();
    expect(serialsOf(publisher.current)).toEqual([]);
  });
});

describe('readiness', () => {
  async function observed() {
    const service = await tests.current.service();
    const readiness = new Readiness();
    new CrlMonitoring(service.states, new Metrics(), readiness);
    const status = async (): Promise<string> => (await readiness.report()).status;
    const late = (): string[] => service.states.all.filter(({ isLate }) => isLate).map(({ issuer }) => issuer);
    return { ...service, status, late };
  }

  it('needs a CRL of the active issuer, and is degraded while that of another is missing', async () => {
    const { publisher, status, late } = await observed();
    expect([await status(), late()]).toEqual(['not_ready', ['new', 'old']]);
    await publisher.inUse[0]?.rebuild();
    expect([await status(), late()]).toEqual(['degraded', ['old']]);
    await publisher.refresh();
    expect([await status(), late()]).toEqual(['ready', []]);
  });

  it('is degraded, and the service stays in use, from the second publication that fails until the CRL expires', async () => {
    const { publisher, status, late, states } = await observed();
    await publisher.refresh();
    tests.current.records.isDown = true;
    tests.current.advance(23 * HOUR);
    expect(await status()).toBe('ready');
    tests.current.advance(2 * HOUR);
    expect([await status(), late()]).toEqual(['degraded', ['new', 'old']]);
    tests.current.advance(5.9 * dayMs);
    expect(await status()).toBe('degraded');
    tests.current.advance(0.2 * dayMs);
    expect(await status()).toBe('not_ready');
    expect(states.active.msUntilLockOut).toBeLessThan(0);
    tests.current.records.isDown = false;
    await publisher.refresh();
    expect(await status()).toBe('ready');
  });

  it('is degraded when people have to sign the root’s CRL again', async () => {
    const { publisher, status, late } = await observed();
    await publisher.refresh();
    tests.current.advance(17 * dayMs);
    await publisher.refresh();
    expect([await status(), late()]).toEqual(['degraded', ['root']]);
  });
});
