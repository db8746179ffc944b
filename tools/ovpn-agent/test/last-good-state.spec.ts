import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateNoteKey } from '@libs/tlog';
import { TestLog } from '../../ct-verify/test/test-log';
import { AgentLab, decimal, eventually, randomSerial } from './agent-lab';

describe('an agent that knows something', () => {
  let lab: AgentLab;

  beforeEach(async () => {
    lab = await AgentLab.start();
  });
  afterEach(() => lab.close());

  const files = () => readdirSync(lab.crlFolder).sort();
  const problems = () => lab.manager.lastReport?.['problems'];

  describe('and whose manager is away', () => {
    const revoked = randomSerial();

    beforeEach(async () => {
      lab.manager.revoke(revoked);
      await lab.once();
      lab.manager.status = 503;
    });

    it('starts, keeps the files, and still cuts who is revoked', async () => {
      rmSync(join(lab.crlFolder, decimal(revoked)));
      const agent = lab.agent();
      await eventually(() => expect(agent.output()).toContain('manager_unreachable'));
      expect(files()).toEqual([decimal(revoked)]);
      lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
      lab.openvpn.connect({ commonName: 'eve', serialNumber: randomSerial() });
      await eventually(() => expect(lab.openvpn.clients.size).toBe(1));
    });

    it('finds back by itself', async () => {
      const agent = lab.agent();
      await eventually(() => expect(agent.output()).toContain('manager_unreachable'));
      lab.manager.status = 200;
      lab.manager.revoke(randomSerial());
      await eventually(() => expect(files()).toHaveLength(2));
      await eventually(() => expect(problems()).toEqual([]));
    });

    it('tells that nothing has been heard for too long', async () => {
      const state = lab.state();
      const stale = { ...state, head: { ...state.head, issuedAt: '2026-01-01T00:00:00.000Z' } };
      writeFileSync(join(lab.stateFolder, 'state.json'), JSON.stringify(stale));
      const { status, output } = await lab.once();
      expect(status).toBe(1);
      expect(output).toContain('feed_stale');
    });

    it('says that its key is refused, when that is what the manager says', async () => {
      lab.manager.status = 401;
      const { status, output } = await lab.once();
      expect(status).toBe(1);
      expect(output).toContain('credential_refused');
    });
  });

  describe('never accepts', () => {
    const known = randomSerial();

    beforeEach(async () => {
      for (let count = 0; count < 4; count += 1) lab.manager.log.append(Buffer.from(`entry ${count}`));
      lab.manager.revoke(known);
      await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    });

    async function expectRefused(problem: string): Promise<void> {
      const before = lab.state();
      const { status, output } = await lab.once();
      expect(output).toContain(`"problem":"${problem}"`);
      expect(status).toBe(1);
      expect(lab.state()).toEqual(before);
      expect(files()).toEqual([decimal(known)]);
    }

    it('a smaller log than it has seen, whatever it signs', async () => {
      const restored = new TestLog(lab.manager.log.signer);
      for (let count = 0; count < 4; count += 1) restored.append(Buffer.from(`entry ${count}`));
      lab.manager.log = restored;
      await expectRefused('log_shrunk');
    });

    it('another log of the same size', async () => {
      const other = new TestLog(lab.manager.log.signer);
      for (let count = 0; count < 5; count += 1) other.append(Buffer.from(`other ${count}`));
      lab.manager.log = other;
      await expectRefused('log_forked');
    });

    it('a larger log that does not begin with the one that it knows', async () => {
      const other = new TestLog(lab.manager.log.signer);
      for (let count = 0; count < 9; count += 1) other.append(Buffer.from(`other ${count}`));
      lab.manager.log = other;
      await expectRefused('log_forked');
    });

    it('a larger log without the proof', async () => {
      lab.manager.revoke(randomSerial());
      lab.manager.change = () => ({ proof: [] });
      await expectRefused('log_forked');
    });

    it('an old page that is shown again', async () => {
      const old = lab.manager.page({ since: 0, extends: 0 });
      lab.manager.revoke(randomSerial());
      lab.manager.forge = () => old;
      await expectRefused('page_invalid');
    });

    it('a page that another key has signed', async () => {
      lab.manager.revoke(randomSerial());
      const stranger = new TestLog(generateNoteKey(lab.manager.log.signer.name));
      for (const leaf of lab.manager.log.leaves) stranger.append(leaf);
      lab.manager.log = stranger;
      await expectRefused('page_invalid');
    });

    it('a page in which a revocation was crossed out', async () => {
      lab.manager.revoke(randomSerial());
      lab.manager.forge = (asked) => lab.manager.page(asked).replace(/^\d+ [0-9A-F]{40} .*\n/m, '');
      await expectRefused('page_invalid');
    });

    it('garbage', async () => {
      lab.manager.forge = () => '<html>502 Bad Gateway</html>';
      await expectRefused('page_invalid');
    });

    it('less than it knows when its journal is gone, and then learns everything anew', async () => {
      rmSync(join(lab.stateFolder, 'revocations.txt'));
      const small = new TestLog(lab.manager.log.signer);
      const { log } = lab.manager;
      lab.manager.log = small;
      const refused = await lab.once();
      expect(refused.output).toContain('log_shrunk');
      expect(lab.state().head).toMatchObject({ sequence: 0, size: 5 });
      lab.manager.log = log;
      await expect(lab.once()).resolves.toMatchObject({ status: 0 });
      expect(lab.manager.asked.at(-1)).toEqual({ since: 0, extends: 5 });
      expect(lab.state()).toMatchObject({ entries: 1, head: { sequence: 5 } });
    });
  });
});
