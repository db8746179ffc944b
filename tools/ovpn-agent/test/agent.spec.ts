import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AgentLab, decimal, eventually, randomSerial } from './agent-lab';

describe('an agent with a folder for crl-verify', () => {
  let lab: AgentLab;

  beforeEach(async () => {
    lab = await AgentLab.start();
  });
  afterEach(() => lab.close());

  const files = () => readdirSync(lab.crlFolder).sort();
  const problems = () => lab.manager.lastReport?.['problems'];

  it('puts an empty file there for each revocation, named by the serial number in decimal, for everybody to read', async () => {
    const serials = Array.from({ length: 7 }, randomSerial);
    for (const serial of serials) lab.manager.revoke(serial);
    lab.manager.pageLimit = 3;
    await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    expect(files()).toEqual(serials.map(decimal).sort());
    const { size, mode } = statSync(join(lab.crlFolder, decimal(serials[0] ?? '')));
    expect({ size, mode: mode & 0o777 }).toEqual({ size: 0, mode: 0o644 });
    expect(lab.state().head).toMatchObject({ sequence: 7, size: 7 });
  });

  it('reports what it has applied', async () => {
    lab.manager.revoke(randomSerial());
    lab.openvpn.connect({ commonName: 'ada', serialNumber: randomSerial() });
    lab.agent();
    await eventually(() => {
      expect(lab.manager.lastReport).toEqual({
        ...{ name: 'vpn-1', agent_version: expect.any(String), sequence: 1, log_size: 1 },
        ...{ page_issued_at: expect.any(String), crls: [], management: 'connected', sessions: 1, sessions_cut: 0 },
        problems: [],
      });
    });
  });

  it('cuts the session of a revoked certificate, and no other of the same name', async () => {
    const [revoked, good] = [randomSerial(), randomSerial()];
    const agent = lab.agent();
    await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
    const id = lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    const other = lab.openvpn.connect({ commonName: 'ada', serialNumber: good });
    lab.manager.revoke(revoked);
    await eventually(() => expect([...lab.openvpn.clients.keys()]).toEqual([other]));
    expect(lab.openvpn.commands.filter((command) => command.includes('kill'))).toEqual([
      `client-kill ${id} HALT`,
      `kill 192.0.2.7:${1000 + id}`,
    ]);
    await eventually(() => expect(lab.manager.lastReport).toMatchObject({ sessions_cut: 1, sessions: 1 }));
    expect(await agent.stop()).toBe(0);
  });

  it('cuts somebody at once who comes back while the server would still let him in', async () => {
    const revoked = randomSerial();
    lab.manager.revoke(revoked);
    lab.agent();
    await eventually(() => expect(lab.state().head.sequence).toBe(1));
    await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
  });

  it('counts each session once, also one that began while another was being cut', async () => {
    const revoked = randomSerial();
    lab.agent();
    await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    lab.manager.revoke(revoked);
    await eventually(() => expect(lab.openvpn.commands).toContain('client-kill 0 HALT'));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
    await eventually(() => expect(lab.manager.lastReport).toMatchObject({ sessions: 0, sessions_cut: 2 }));
  });

  it('asks clients to show their certificate anew that came before a revocation, when nobody listened', async () => {
    const now = Math.floor(Date.now() / 1000);
    const before = lab.openvpn.connect({ commonName: 'ada', connectedSince: now - 60 });
    const after = lab.openvpn.connect({ commonName: 'eve', connectedSince: now + 60 });
    lab.manager.revoke(randomSerial());
    lab.agent();
    await eventually(() => expect([...lab.openvpn.clients.keys()]).toEqual([after]));
    expect(lab.openvpn.commands).toContain(`client-kill ${before} RESTART`);
  });

  it('knows who came while the list that does not have them was on its way', async () => {
    const revoked = randomSerial();
    const agent = lab.agent();
    lab.openvpn.whileListing = () => lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    await eventually(() => expect(lab.openvpn.clients.size).toBe(1));
    lab.manager.revoke(revoked);
    await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
    expect(lab.openvpn.commands).toContain('client-kill 0 HALT');
    expect(await agent.stop()).toBe(0);
  });

  it('leaves them alone who came before it while nothing is revoked', async () => {
    lab.openvpn.connect({ commonName: 'ada', connectedSince: 1 });
    await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    expect(lab.openvpn.clients.size).toBe(1);
  });

  it('knows after a restart who has connected before', async () => {
    const [one, other] = [randomSerial(), randomSerial()];
    const first = lab.agent();
    await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: one });
    const id = lab.openvpn.connect({ commonName: 'eve', serialNumber: other });
    await eventually(() => expect(readFileSync(join(lab.stateFolder, 'sessions.json'), 'utf8')).toContain(other));
    await first.stop();
    lab.manager.revoke(one);
    lab.agent();
    await eventually(() => expect([...lab.openvpn.clients.keys()]).toEqual([id]));
    expect(lab.openvpn.commands.join()).not.toContain('RESTART');
  });

  it('goes on after a restart where it was, and asks for nothing twice', async () => {
    for (let count = 0; count < 3; count += 1) lab.manager.revoke(randomSerial());
    await lab.once();
    lab.manager.asked.length = 0;
    lab.manager.revoke(randomSerial());
    await lab.once();
    expect(lab.manager.asked).toEqual([{ since: 3, extends: 3 }]);
    expect(files()).toHaveLength(4);
  });

  it('reads a journal up to where the power failed, and asks for the rest', async () => {
    for (let count = 0; count < 3; count += 1) lab.manager.revoke(randomSerial());
    await lab.once();
    const journal = join(lab.stateFolder, 'revocations.txt');
    truncateSync(journal, statSync(journal).size - 20);
    await expect(lab.once()).resolves.toMatchObject({ status: 0 });
    expect(readFileSync(journal, 'utf8').split('\n')).toHaveLength(4 + 2);
    appendFileSync(journal, 'half a li');
    await expect(lab.once()).resolves.toMatchObject({ status: 0 });
  });

  it('forgets what has expired, with its file, and nothing that it did not put there', async () => {
    const over = randomSerial();
    lab.manager.revoke(over);
    lab.manager.revoke(randomSerial());
    writeFileSync(join(lab.crlFolder, '1234'), '');
    await lab.once();
    const journal = join(lab.stateFolder, 'revocations.txt');
    const aged = readFileSync(journal, 'utf8').replace(/^(\d+ \w+ \w+ 4 \S+ )\S+/, `$1${new Date(0).toISOString()}`);
    writeFileSync(journal, aged);
    await lab.once();
    expect(files()).toHaveLength(2);
    expect(files()).toContain('1234');
    expect(files()).not.toContain(decimal(over));
    expect(lab.state().entries).toBe(1);
  });

  it('cuts a session also when the folder cannot be written, and catches up when it can', async () => {
    const revoked = randomSerial();
    const agent = lab.agent();
    await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    rmSync(lab.crlFolder, { recursive: true });
    lab.manager.revoke(revoked);
    await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
    await eventually(() => expect(problems()).toContain('files_not_written'));
    expect(lab.manager.lastReport).toMatchObject({ sequence: 0 });
    mkdirSync(lab.crlFolder);
    await eventually(() => expect(files()).toEqual([decimal(revoked)]));
    await eventually(() => expect(lab.manager.lastReport).toMatchObject({ sequence: 1, problems: [] }));
    expect(await agent.stop()).toBe(0);
  });

  it('serves its metrics to this machine', async () => {
    lab.manager.revoke(randomSerial());
    const agent = lab.agent({ metrics_port: 0 });
    let url = '';
    await eventually(() => {
      url = /"url":"([^"]+)"/.exec(agent.output())?.[1] ?? '';
      expect(url).not.toBe('');
    });
    await eventually(async () => {
      const text = await (await fetch(url)).text();
      expect(text).toMatch(/^ovpn_agent_sequence 1$/m);
      expect(text).toMatch(/^ovpn_agent_management_connected 1$/m);
      expect(text).toMatch(/^ovpn_agent_problem{problem="feed_stale"} 0$/m);
    });
    await agent.stop();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('leaves no temporary file and no secret behind', async () => {
    lab.manager.revoke(randomSerial());
    const { output } = await lab.once();
    expect(readdirSync(lab.stateFolder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(output).not.toContain('ovpsk_');
    expect(existsSync(join(lab.stateFolder, 'state.json'))).toBe(true);
  });
});
