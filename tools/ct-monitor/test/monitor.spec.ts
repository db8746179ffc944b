import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { generateNoteKey } from '@libs/tlog';
import { MonitorLab } from './monitor-lab';

const GRACE_SECONDS = 300;
const DAY_SECONDS = 86_400;
let lab: MonitorLab;

beforeAll(async () => {
  lab = await MonitorLab.open();
  for (let i = 0; i < 3; i += 1) await lab.issue();
});

beforeEach(() => lab.begin());

afterAll(() => lab.close());

const good = () => ({ status: 0, output: `all is well with ${lab.size} entries\n` });
const alarm = (kind: string) => ({ status: 1, output: expect.stringContaining(`ALARM ${kind}: `) as string });
const failure = (text: string) => ({ status: 2, output: expect.stringContaining(text) as string });

describe('a monitor of the log', () => {
  it('is content with a log that grows', async () => {
    expect(await lab.round()).toEqual(good());
    expect(await lab.round()).toEqual(good());
    await Promise.all(Array.from({ length: 260 }, () => lab.issue()));
    expect(await lab.round()).toEqual(good());
    await lab.issue();
    expect(await lab.round()).toEqual(good());
  });

  it('cries out when other entries are served than were signed', async () => {
    const isBundle = (path: string) => path.startsWith('/tile/entries/');
    lab.distort = (path, body) => {
      if (!isBundle(path)) return undefined;
      const changed = Buffer.from(body);
      changed[body.length - 5] = (body[body.length - 5] ?? 0) ^ 1;
      return changed;
    };
    expect(await lab.round()).toEqual(alarm('entries_differ'));
    lab.distort = (path, body) => (isBundle(path) ? body.subarray(0, body.length - 5) : undefined);
    expect(await lab.round()).toEqual(alarm('entries_differ'));
    lab.distort = (path, body) => (isBundle(path) ? body.subarray(0, 2 + body.readUInt16BE()) : undefined);
    expect(await lab.round()).toEqual(alarm('entries_differ'));
    lab.distort = () => undefined;
    expect(await lab.round()).toEqual(good());
  });

  it('does not take a proof that is none', async () => {
    await lab.round();
    await lab.issue();
    lab.distort = (path) => (path.includes('/consistency') ? Buffer.from('{"hashes":[]}') : undefined);
    expect(await lab.round()).toEqual(alarm('log_forked'));
  });

  it('says when it could not look, and goes on where it was', async () => {
    await lab.round();
    lab.distort = () => {
      throw new Error('the line is cut');
    };
    expect(await lab.round()).toEqual(failure('not looked at: the log could not be followed'));
    lab.distort = () => undefined;
    expect(await lab.round()).toEqual(good());
  });

  it('does not start from a state that is damaged', async () => {
    await lab.round();
    const state = JSON.parse(readFileSync(lab.stateFile, 'utf8')) as { frontier: string };
    const frontier = state.frontier.replace(/^./, (char) => (char === 'A' ? 'B' : 'A'));
    writeFileSync(lab.stateFile, JSON.stringify({ ...state, frontier }));
    expect(await lab.round()).toEqual(failure('is damaged'));
    writeFileSync(lab.stateFile, '{');
    expect(await lab.round()).toEqual(failure('is damaged'));
  });
});

describe('a monitor of the CRLs', () => {
  it('is content when they list what the log has revoked, and only that', async () => {
    const [first, second] = [await lab.issue(), await lab.issue()];
    await lab.revoke(first);
    await lab.publish();
    expect(await lab.round()).toEqual(good());
    // A later process, which did not read the entry by which this one was issued.
    await lab.revoke(second);
    await lab.publish();
    expect(await lab.round()).toEqual(good());
  });

  it('gives the CRL time to list a revocation, and no more', async () => {
    await lab.revoke(await lab.issue());
    expect(await lab.round()).toEqual(good());
    lab.clock.advance(GRACE_SECONDS + 10);
    expect(await lab.round()).toEqual(alarm('crl_lacks_revocation'));
    expect(await lab.round('--grace', '900')).toEqual(good());
  });

  it('misses no certificate that has expired', async () => {
    await lab.revoke(await lab.issue());
    lab.clock.advance(100 * DAY_SECONDS);
    expect((await lab.round()).output).not.toContain('crl_lacks_revocation');
  });

  it.each<[string, string, () => Promise<void> | void]>([
    [
      'a revocation that is not in the log',
      'crl_has_unlogged_revocation',
      async () => lab.publish({ also: (await lab.issue()).serialNumber }),
    ],
    ['a CRL that is not in the log', 'crl_not_logged', () => lab.publish({ logged: false })],
    ["a CRL that is not its CA's", 'crl_invalid', () => lab.publish({ by: lab.pki.root })],
    ['a CRL that has expired', 'crl_expired', () => lab.clock.advance(2 * DAY_SECONDS)],
    [
      'a CRL that is missing',
      'crl_missing',
      () => {
        lab.crlBody = lab.crlBody.slice(lab.crlBody.lastIndexOf('-----BEGIN'));
      },
    ],
    [
      'something else than a CRL',
      'crl_invalid',
      () => {
        lab.crlBody = lab.crlBody.replaceAll('X509 CRL', 'CERTIFICATE');
      },
    ],
  ])('cries out for %s', async (_, kind, harm) => {
    await harm();
    expect(await lab.round()).toEqual(alarm(kind));
  });

  it('says when it could not read them', async () => {
    lab.crlBody = '';
    expect(await lab.round()).toEqual(failure('the answer was 503'));
  });
});

describe('a monitor that stays', () => {
  it('tells Prometheus what it sees', async () => {
    const stop = new AbortController();
    let url = '';
    const running = lab.monitor(['--interval', '1', '--listen', '0'], stop.signal, (text) => {
      url = /metrics at (\S+)/.exec(text)?.[1] ?? url;
    });
    const metrics = async () => (await fetch(url)).text();
    await eventually(async () => (await metrics()).includes('ct_monitor_rounds_total{outcome="good"} 1'));
    expect(await metrics()).toContain(`\nct_monitor_checkpoint_size ${lab.size}\n`);
    expect(await metrics()).toMatch(/^ct_monitor_checkpoint_age_seconds \d/m);
    await lab.publish({ logged: false });
    await eventually(async () => (await metrics()).includes('ct_monitor_alarms{kind="crl_not_logged"} 1'));
    stop.abort();
    expect((await running).status).toBe(1);
  });
});

describe('a monitor of a log that was replaced', () => {
  it('cries out when it has another history, and keeps both checkpoints', async () => {
    await lab.round();
    const [known, before] = [lab.size, readFileSync(lab.stateFile, 'utf8')];
    await lab.startAnew();
    await Promise.all(Array.from({ length: known + 2 }, () => lab.issue()));
    expect(await lab.round()).toEqual(alarm('log_forked'));
    expect(lab.evidence).toHaveLength(1);
    expect(lab.evidenceSizes()).toEqual([known, known + 2]);
    // It stays with what it knows, for ever.
    expect(await lab.round()).toEqual(alarm('log_forked'));
    expect(lab.evidence).toHaveLength(1);
    expect(readFileSync(lab.stateFile, 'utf8')).toBe(before);
  });

  it('cries out when it has another history of the same size', async () => {
    await lab.round();
    const known = lab.size;
    await lab.startAnew();
    await Promise.all(Array.from({ length: known }, () => lab.issue()));
    expect(await lab.round()).toEqual(alarm('log_forked'));
  });

  it('cries out when it is smaller', async () => {
    await lab.round();
    await lab.startAnew();
    await lab.issue();
    expect(await lab.round()).toEqual(alarm('log_shrunk'));
    expect(lab.evidence).toHaveLength(1);
  });

  it('cries out when another key has signed', async () => {
    await lab.startAnew(generateNoteKey('log.example/monitored'));
    await lab.issue();
    expect(await lab.round()).toEqual(alarm('checkpoint_invalid'));
  });
});

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await check().catch(() => false)) return;
    await delay(50);
  }
  throw new Error('it did not come to that');
}
