import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import {
  type CertificateAuthority,
  createAuthority,
  createIntermediate,
  crlPemLabel,
  type PublicKeyInfrastructure,
  toPem,
} from '@libs/pki';
import { certificatePem, crlOf, minutesFromNow } from '../../../test/support/certificates';
import { foreignCrl } from '../../../test/system/support/foreign-crl';
import { AgentLab, decimal, eventually, randomSerial } from './agent-lab';

type CrlChanges = Parameters<typeof crlOf>[1];

const pem = (...crls: readonly Buffer[]) => crls.map((crl) => toPem(crlPemLabel, crl)).join('');
const entry = (serialNumber: string) => ({
  serialNumber: serialNumber as never,
  revokedAt: minutesFromNow(-10),
  reason: 4,
});

describe('an agent with a file for crl-verify', () => {
  let pki: PublicKeyInfrastructure;
  let successor: CertificateAuthority;
  let issuer: string;
  let lab: AgentLab;
  let settings: Record<string, unknown>;
  const [revoked, listed] = [randomSerial(), randomSerial()];

  beforeAll(async () => {
    const now = new Date();
    pki = await createAuthority({
      ...{ rootCommonName: 'Root', intermediateCommonName: 'Intermediate' },
      ...{ algorithm: 'P-256', now, rootCrlValidityDays: 30 },
    });
    successor = await createIntermediate(pki.root, { commonName: 'Successor', algorithm: 'P-256', now });
    issuer = pki.intermediate.issuer.spkiSha256.toString('hex');
  });

  beforeEach(async () => {
    lab = await AgentLab.start();
    const authorities = [pki.intermediate, pki.root].map((one) => certificatePem(one.issuer.der)).join('');
    settings = { crl_directory: undefined, crl_file: lab.crlFile, ca_file: lab.write('ca-chain.crt', authorities) };
    lab.manager.bundle = await bundle({ number: 5n });
  });
  afterEach(() => lab.close());

  const crl = (changes: CrlChanges = {}, by = pki.intermediate) =>
    crlOf(by, { number: 7n, thisUpdate: minutesFromNow(-4), ...changes });
  const bundle = async (changes: CrlChanges = {}) =>
    pem(await crl({ thisUpdate: minutesFromNow(-5), ...changes }), pki.rootCrl);
  const content = () => readFileSync(lab.crlFile, 'utf8');

  it('writes what is served, for everybody to read, and reports the numbers', async () => {
    await expect(lab.once(settings)).resolves.toMatchObject({ status: 0 });
    expect(content()).toBe(lab.manager.bundle);
    expect(statSync(lab.crlFile).mode & 0o777).toBe(0o644);
    expect(lab.manager.lastReport?.['crls']).toContainEqual({ issuer, number: 5 });
    expect(readdirSync(lab.folder).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('takes a newer one in its place, by a new file', async () => {
    await lab.once(settings);
    const { ino } = statSync(lab.crlFile);
    lab.manager.bundle = pem(await crl(), pki.rootCrl);
    await expect(lab.once(settings)).resolves.toMatchObject({ status: 0 });
    expect(content()).toBe(lab.manager.bundle);
    expect(statSync(lab.crlFile).ino).not.toBe(ino);
  });

  it('leaves out whatever stands between the CRLs', async () => {
    const { bundle: text } = lab.manager;
    lab.manager.bundle = `# comment\n${text.replace('-----END X509 CRL-----\n', '-----END X509 CRL-----\n\nmore\n')}`;
    await lab.once(settings);
    expect(content()).toBe(text);
  });

  it('puts back its own when somebody has damaged or removed it, also without the manager', async () => {
    await lab.once(settings);
    const good = content();
    lab.manager.status = 503;
    writeFileSync(lab.crlFile, 'garbage');
    await lab.once(settings);
    expect(content()).toBe(good);
    rmSync(lab.crlFile);
    await lab.once(settings);
    expect(content()).toBe(good);
  });

  const refused: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['empty', () => ''],
    ['truncated', () => lab.manager.bundle.slice(0, -100)],
    ['DER instead of PEM', async () => (await crl()).toString('latin1')],
    ['garbage', () => '<html></html>'],
    ['under another label', async () => (await bundle()).replaceAll('X509 CRL', 'CRL')],
    ['with a certificate in it', async () => (await bundle()) + certificatePem(pki.root.issuer.der)],
    ['expired', () => bundle({ number: 7n, thisUpdate: minutesFromNow(-4), nextUpdate: minutesFromNow(-1) })],
    ['from the future', () => bundle({ thisUpdate: minutesFromNow(5) })],
    ["without the intermediate's CRL", () => pem(pki.rootCrl)],
    ["without the root's CRL", async () => pem(await crl())],
    ['with two CRLs of one CA', async () => pem(await crl(), await crl({ number: 8n }), pki.rootCrl)],
    ['with a CRL that another key has signed', async () => pem(await forged(), pki.rootCrl)],
    ['with a CRL that was changed', async () => pem(tampered(await crl()), pki.rootCrl)],
    ['with a delta CRL', async () => pem(await foreign({ deltaOf: 1 }), pki.rootCrl)],
    ['with a number that goes back', () => bundle({ number: 4n, thisUpdate: minutesFromNow(-4) })],
    ['with the same number twice', () => bundle({ number: 5n, thisUpdate: minutesFromNow(-4) })],
    ['with a newer number and no newer thisUpdate', () => bundle({ number: 6n })],
  ];

  it.each(refused)('refuses a bundle %s, and keeps the last good one', async (_, make) => {
    await expect(lab.once(settings)).resolves.toMatchObject({ status: 0 });
    const good = content();
    const { crls } = lab.state();
    lab.manager.bundle = await make();
    const { status, output } = await lab.once(settings);
    expect(status).toBe(1);
    expect(output).toMatch(/"problem":"crl_(invalid|older)"/);
    expect(content()).toBe(good);
    expect(lab.state().crls).toEqual(crls);
  });

  async function forged(): Promise<Buffer> {
    return crl({ number: 9n }, { issuer: pki.intermediate.issuer, privateKey: successor.privateKey });
  }

  function tampered(der: Buffer): Buffer {
    const changed = Buffer.from(der);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    return changed;
  }

  const foreign = (changes: { deltaOf: number }) =>
    foreignCrl(pki.intermediate, { thisUpdate: minutesFromNow(-4), revoked: [], ...changes });

  it('refuses a CRL that has lost a certificate which has not expired', async () => {
    lab.manager.revoke(listed, issuer);
    lab.manager.bundle = await bundle({ number: 5n, revoked: [entry(listed)] });
    const agent = lab.agent(settings);
    await eventually(() => expect(lab.manager.lastReport).toMatchObject({ sequence: 1, problems: [] }));
    const good = content();
    lab.manager.bundle = pem(await crl(), pki.rootCrl);
    await eventually(() => expect(agent.output()).toContain('has lost a certificate'));
    expect(content()).toBe(good);
  });

  it('passes on the CRL of a CA that it does not know, and says so', async () => {
    lab.manager.bundle = pem(await crl(), await crl({}, successor), pki.rootCrl);
    const { status, output } = await lab.once(settings);
    expect(status).toBe(1);
    expect(output).toContain('crl_unknown_ca');
    expect(content()).toBe(lab.manager.bundle);
  });

  it('says in time that a CRL is about to expire', async () => {
    lab.manager.bundle = await bundle({ thisUpdate: minutesFromNow(-90), nextUpdate: minutesFromNow(10) });
    expect((await lab.once(settings)).output).toContain('crl_expires');
  });

  it('cuts the session at once, and reports the revocation as applied when the CRL names it', async () => {
    const agent = lab.agent(settings);
    await eventually(() => expect(lab.openvpn.commands).toContain('status 3'));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    lab.manager.revoke(revoked, issuer);
    await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
    await eventually(() => expect(lab.state().head.sequence).toBe(1));
    await eventually(() => expect(lab.manager.lastReport).toMatchObject({ log_size: 1, sequence: 0 }));
    lab.openvpn.connect({ commonName: 'ada', serialNumber: revoked });
    await eventually(() => expect(lab.openvpn.clients.size).toBe(0));
    lab.manager.bundle = pem(await crl({ revoked: [entry(revoked)] }), pki.rootCrl);
    await eventually(() =>
      expect(lab.manager.lastReport).toMatchObject({ sequence: 1, problems: [], sessions_cut: 2 }),
    );
    await agent.stop();
  });

  it('puts into a folder what the CRLs alone know, such as a CA that was revoked', async () => {
    const both = { ...settings, crl_file: undefined, crl_directory: lab.crlFolder };
    lab.manager.bundle = await bundle({ revoked: [entry(revoked)] });
    await expect(lab.once(both)).resolves.toMatchObject({ status: 0 });
    expect(readdirSync(lab.crlFolder)).toEqual([decimal(revoked)]);
    expect(existsSync(lab.crlFile)).toBe(false);
  });

  it('does not start with a folder that OpenVPN could not look into', async () => {
    chmodSync(lab.crlFolder, 0o700);
    const { status, output } = await lab.once({ ...settings, crl_directory: lab.crlFolder });
    expect(status).toBe(2);
    expect(output).toContain('must be readable by everybody (chmod 755)');
    chmodSync(lab.crlFolder, 0o755);
    chmodSync(lab.folder, 0o700);
    expect((await lab.once({ ...settings, crl_directory: lab.crlFolder })).output).toContain('chmod o+x');
    chmodSync(lab.folder, 0o755);
  });
});
