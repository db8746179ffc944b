import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentLab, decimal, eventually, randomSerial } from '../../tools/ovpn-agent/test/agent-lab';
import { startAgent } from './support/agent-process';

const KILLS = 20;

describe('the agent in trouble', () => {
  let lab: AgentLab;

  beforeEach(async () => {
    lab = await AgentLab.start();
  });
  afterEach(() => lab.close());

  const files = () => readdirSync(lab.crlFolder).sort();

  it('loses nothing and believes nothing older, however often it is killed', async () => {
    const configuration = lab.configure();
    const revoked: string[] = [];
    let sequence = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const agent = startAgent(configuration);
      await agent.waitFor('agent started');
      for (let count = 0; count < 5; count += 1) {
        const serial = randomSerial();
        revoked.push(serial);
        lab.manager.revoke(serial);
        await delay(Math.random() * 40);
      }
      await agent.stop('SIGKILL');
      const { head } = lab.state();
      expect(head.sequence).toBeGreaterThanOrEqual(sequence);
      sequence = head.sequence;
    }
    await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    expect(files()).toEqual(revoked.map(decimal).sort());
    // What was killed just after it had been written may stand in the journal twice, until the next start.
    await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    expect(lab.state()).toMatchObject({ entries: revoked.length, head: { sequence: revoked.length } });
  });

  it('cuts sessions while the disk is full, and recovers without help', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', lab.stateFolder]);
    try {
      const agent = lab.agent();
      await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
      const filler = join(lab.stateFolder, 'filler');
      const fill = () => {
        writeFileSync(filler, Buffer.alloc(1_000_000));
      };
      expect(fill).toThrow('ENOSPC');
      const serials = Array.from({ length: 30 }, randomSerial);
      lab.openvpn.connect({ commonName: 'ada', serialNumber: serials[0] });
      for (const serial of serials) lab.manager.revoke(serial);
      await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
      await eventually(() => expect(agent.output()).toContain('ENOSPC'));
      // It may have reported nothing so far.
      expect(lab.manager.lastReport?.['sequence']).not.toBe(serials.length);
      rmSync(filler);
      await eventually(() => {
        expect(lab.manager.lastReport).toMatchObject({ sequence: serials.length, problems: [] });
      });
      expect(files()).toEqual(serials.map(decimal).sort());
      expect(readdirSync(lab.stateFolder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect(await agent.stop()).toBe(0);
      await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    } finally {
      execFileSync('umount', ['--lazy', lab.stateFolder]);
    }
  });
});
