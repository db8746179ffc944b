import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ScriptedOpenvpn } from '../test/scripted-openvpn';
import { ManagementConnection } from './management-connection';
import { type EstablishedSession, NotificationReader, parseStatus } from './management-protocol';

describe("OpenVPN's management interface", () => {
  let folder: string;
  let openvpn: ScriptedOpenvpn;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ovpn-management-'));
    openvpn = await ScriptedOpenvpn.start(join(folder, 'management.sock'));
  });
  afterEach(async () => {
    await openvpn.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (password?: string, onEstablished: (session: EstablishedSession) => void = () => undefined) =>
    ManagementConnection.open({ address: { path: openvpn.path }, password, onEstablished });

  it('lists the sessions, whatever happens in between', async () => {
    const seen: EstablishedSession[] = [];
    const connection = await open(undefined, (session) => seen.push(session));
    const listed = connection.status();
    openvpn.connect({ commonName: 'Zoë, 2nd', serialNumber: '0A'.repeat(20), connectedSince: 17 });
    const [before, after] = [await listed, await connection.status()];
    expect([[], 1]).toContainEqual(before.length === 0 ? before : before.length);
    const session = { clientId: 0, commonName: 'Zoë, 2nd', realAddress: '192.0.2.7:1000', connectedSince: 17 };
    expect(after).toEqual([session]);
    expect(seen).toEqual([{ ...session, serialNumber: '0A'.repeat(20) }]);
    connection.close();
  });

  it('wants its password, when it has one', async () => {
    openvpn.password = 'open sesame';
    const connection = await open('open sesame');
    await expect(connection.status()).resolves.toEqual([]);
    connection.close();
    await expect(open('let me in')).rejects.toThrow('the management password is wrong');
    await expect(open()).rejects.toThrow('wants a password');
  });

  it('is told apart from one that another client has, and from none', async () => {
    openvpn.isTaken = true;
    await expect(open()).rejects.toThrow('another client may have it');
    const nowhere = ManagementConnection.open({
      ...{ address: { path: join(folder, 'nowhere') }, password: undefined, onEstablished: () => undefined },
    });
    await expect(nowhere).rejects.toThrow('ENOENT');
  }, 20_000);

  it('is left when it answers what makes no sense', async () => {
    openvpn.garbage = 'x'.repeat(2_000_000);
    const connection = await open();
    await expect(connection.status()).rejects.toThrow('this is not a management interface');
    openvpn.garbage = 'mumble\n';
    await expect((await open()).succeeds('pid')).rejects.toThrow('does not answer the command pid');
  }, 20_000);

  it('tells when OpenVPN ends', async () => {
    const connection = await open();
    openvpn.restart();
    await expect(connection.orEnd(new Promise(() => undefined))).rejects.toThrow('OpenVPN has closed the connection');
    await expect(connection.status()).rejects.toThrow();
  });
});

describe('what OpenVPN says', () => {
  it('is read by the names of its columns', () => {
    const lines = [
      'HEADER\tCLIENT_LIST\tClient ID\tCommon Name\tConnected Since (time_t)\tReal Address',
      'CLIENT_LIST\t4\tada\t99\t2001:db8::7:1194',
      'CLIENT_LIST\t5\ta\tb\t99\t192.0.2.1:1',
      'HEADER\tROUTING_TABLE\tVirtual Address',
      'END',
    ];
    const session = { clientId: 4, commonName: 'ada', connectedSince: 99, realAddress: '2001:db8::7:1194' };
    expect(parseStatus(lines)).toEqual([session]);
    expect(parseStatus([])).toEqual([]);
  });

  it('is read whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const reader = new NotificationReader();
        for (const line of lines) expect(reader.read(`>CLIENT:${line}`)?.clientId).toBeUndefined();
        parseStatus(lines.map((line) => `CLIENT_LIST\t${line}`));
      }),
    );
  });

  it('makes no session of one that has ended', () => {
    const reader = new NotificationReader();
    const lines = ['>CLIENT:DISCONNECT,3', '>CLIENT:ENV,tls_serial_hex_0=0a:0b', '>CLIENT:ENV,END'];
    expect(lines.map((line) => reader.read(line))).toEqual([undefined, undefined, undefined]);
  });
});
