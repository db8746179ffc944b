import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAuthority,
  createIntermediate,
  crlPemLabel,
  toPem,
  type CertificateAuthority,
  type PublicKeyInfrastructure,
} from '@libs/pki';
import { certificatePem, crlOf, issueTo, minutesFromNow, type Holder } from '../support/certificates';
import { foreignCrl } from './support/foreign-crl';
import { VpnLab } from './support/vpn-lab';
import { VpnServer, type ClientMaterial } from './support/vpn-server';

/** What a real OpenVPN does with each kind of CRL, good and bad: the reason for every check of the CRL lint. */
describe('an OpenVPN server whose crl-verify points at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-crl-'));
  const now = new Date();
  let lab: VpnLab;
  let pki: PublicKeyInfrastructure;
  let serversOwn: Holder;
  let good: Holder;
  let revoked: Holder;

  beforeAll(async () => {
    lab = VpnLab.create();
    pki = await createAuthority({
      ...{ rootCommonName: 'Root', intermediateCommonName: 'Intermediate' },
      ...{ algorithm: 'P-256', now, rootCrlValidityDays: 30 },
    });
    serversOwn = await issueTo(pki.intermediate, { kind: 'server', commonName: 'vpn.example.org' });
    good = await issueTo(pki.intermediate, { kind: 'user', commonName: 'good' });
    revoked = await issueTo(pki.intermediate, { kind: 'user', commonName: 'revoked' });
  });

  afterAll(async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  const bundle = (...crls: readonly Buffer[]) => crls.map((crl) => toPem(crlPemLabel, crl)).join('');
  const pemOf = ({ issuer }: CertificateAuthority) => certificatePem(issuer.der);
  const entry = ({ serialNumber }: Holder) => ({ serialNumber, revokedAt: minutesFromNow(-10), reason: 1 });
  const harmless = (changes: Parameters<typeof crlOf>[1] = {}) => crlOf(pki.intermediate, changes);
  const naming = (changes: Parameters<typeof crlOf>[1] = {}) =>
    crlOf(pki.intermediate, { number: 2n, revoked: [entry(revoked)], ...changes });
  const foreign = (changes: Partial<Parameters<typeof foreignCrl>[1]>) =>
    foreignCrl(pki.intermediate, { thisUpdate: minutesFromNow(-4), revoked: [entry(revoked)], ...changes });
  const expired = () => ({ thisUpdate: minutesFromNow(-60), nextUpdate: minutesFromNow(-1) });

  function clientOf({ certificate, privateKey }: Holder, intermediate = pki.intermediate): ClientMaterial {
    return { root: pemOf(pki.root), intermediate: pemOf(intermediate), certificate, privateKey };
  }

  function startWith(crl: string | Buffer, intermediates = [pki.intermediate]): Promise<VpnServer> {
    return VpnServer.start(lab, folder, {
      authorities: [...intermediates, pki.root].map(pemOf).join(''),
      certificate: serversOwn.certificate + pemOf(pki.intermediate),
      privateKey: serversOwn.privateKey,
      crl,
    });
  }

  async function admittedBy(server: VpnServer): Promise<{ good: boolean; revoked: boolean }> {
    return { good: await server.admits(clientOf(good)), revoked: await server.admits(clientOf(revoked)) };
  }

  /** Whom a server lets in that has read nothing else before. */
  async function admittedWith(crl: string | Buffer): Promise<{ good: boolean; revoked: boolean; said: string }> {
    const server = await startWith(crl);
    const admitted = await admittedBy(server);
    await server.process.stop('SIGKILL');
    return { ...admitted, said: server.process.output() };
  }

  it('a CRL that names nobody: lets both in, who differ in nothing else', async () => {
    const { said, ...admitted } = await admittedWith(bundle(await harmless(), pki.rootCrl));
    expect(admitted).toEqual({ good: true, revoked: true });
    expect(said).not.toContain('VERIFY WARNING');
  });

  it('the right one: refuses the revoked client alone', async () => {
    const { said, ...admitted } = await admittedWith(bundle(await naming(), pki.rootCrl));
    expect(admitted).toEqual({ good: true, revoked: false });
    expect(said).toContain('loaded 2 CRLs');
    expect(said).toContain('error=certificate revoked');
    expect(said).not.toContain('VERIFY WARNING');
  });

  type Case = readonly [what: string, reason: string | undefined, make: () => Promise<string | Buffer>];

  it.each<Case>([
    [
      'one that has expired',
      'depth=0, error=CRL has expired',
      async () => bundle(await naming(expired()), pki.rootCrl),
    ],
    [
      "a bundle in which the root's has expired",
      'depth=1, error=CRL has expired',
      async () => bundle(await naming(), await rootCrl()),
    ],
    [
      'one of the future',
      'depth=0, error=CRL is not yet valid',
      async () => bundle(await naming({ thisUpdate: minutesFromNow(5) })),
    ],
    ['an empty file', 'CRL not loaded', () => Promise.resolve('')],
    ['one that is cut off', 'CRL not loaded', async () => bundle(await naming()).slice(0, 200)],
    ['DER in place of PEM', 'CRL not loaded', () => naming()],
    ['PEM with another label', 'CRL not loaded', async () => toPem('CRL', await naming())],
    ['garbage', 'CRL not loaded', () => Promise.resolve('<html>502 Bad Gateway</html>\n')],
    [
      'one for a distribution point alone',
      'depth=0, error=different CRL scope',
      async () => bundle(await foreign({ distributionPoint: true }), pki.rootCrl),
    ],
  ])('%s: refuses both', async (_, reason, make) => {
    const { said, ...admitted } = await admittedWith(await make());
    expect(admitted).toEqual({ good: false, revoked: false });
    expect(said).toContain(`VERIFY ERROR: ${reason ?? ''}`);
  });

  const rootCrl = () => crlOf(pki.root, expired());
  const sameSecond = minutesFromNow(-5);
  const nextSecond = new Date(sameSecond.getTime() + 1000);
  const noCrlFound = 'VERIFY WARNING: depth=0, unable to get certificate CRL';

  it.each<Case>([
    ['only the CRL of another issuer', noCrlFound, () => Promise.resolve(bundle(pki.rootCrl))],
    [
      'one with a wrong key identifier',
      noCrlFound,
      async () => bundle(await foreign({ keyIdentifier: '00'.repeat(20) }), pki.rootCrl),
    ],
    ['a delta CRL that names it', noCrlFound, async () => bundle(await foreign({ deltaOf: 1 }), pki.rootCrl)],
    [
      'a CRL and a delta CRL that names it',
      undefined,
      async () => bundle(await harmless(), await foreign({ deltaOf: 1 }), pki.rootCrl),
    ],
    [
      'an old CRL and after it the new one, of the same second',
      undefined,
      async () =>
        bundle(await harmless({ thisUpdate: sameSecond }), await naming({ thisUpdate: sameSecond }), pki.rootCrl),
    ],
  ])('%s: lets both in', async (_, warning, make) => {
    const { said, ...admitted } = await admittedWith(await make());
    expect(admitted).toEqual({ good: true, revoked: true });
    expect(said.includes('VERIFY WARNING')).toBe(warning !== undefined);
    expect(said).toContain(warning ?? '');
  });

  it('an old CRL and after it the new one, a second later: refuses the revoked client', async () => {
    const crls = [await harmless({ thisUpdate: sameSecond }), await naming({ thisUpdate: nextSecond }), pki.rootCrl];
    expect(await admittedWith(bundle(...crls))).toMatchObject({ good: true, revoked: false });
  });

  describe('a file that is replaced while it runs', () => {
    let server: VpnServer;
    beforeEach(async () => {
      server = await startWith(bundle(await harmless({ thisUpdate: sameSecond }), pki.rootCrl));
      expect(await admittedBy(server)).toEqual({ good: true, revoked: true });
    });
    afterEach(() => server.process.stop('SIGKILL'));

    // OpenVPN 2.6.14 keeps every other CRL of the bundle in memory when it reads the file again. So the old one is still there,
    // and would win if the new one were not of a later second.
    it('by a CRL that is a second younger: refuses the revoked client from its next connection', async () => {
      server.publish(bundle(await naming({ thisUpdate: nextSecond }), pki.rootCrl));
      expect(await admittedBy(server)).toEqual({ good: true, revoked: false });
    });

    it('by an empty one, and then by the right one: everything is as it should be', async () => {
      server.publish('');
      await server.admits(clientOf(good));
      server.publish(bundle(await naming({ thisUpdate: nextSecond }), pki.rootCrl));
      expect(await admittedBy(server)).toEqual({ good: true, revoked: false });
    });
  });

  it('the CRLs of two intermediates: lets in either generation, and refuses the revoked of either', async () => {
    const next = await createIntermediate(pki.root, { commonName: 'Intermediate 2', algorithm: 'P-256', now });
    const [goodToo, revokedToo] = await Promise.all(
      ['good too', 'revoked too'].map((commonName) => issueTo(next, { kind: 'user', commonName })),
    );
    if (goodToo === undefined || revokedToo === undefined) throw new Error('unreachable');
    const server = await startWith(bundle(await naming(), await crlOf(next), pki.rootCrl), [pki.intermediate, next]);
    const nextGeneration = async () => [
      await server.admits(clientOf(goodToo, next)),
      await server.admits(clientOf(revokedToo, next)),
    ];
    expect(await nextGeneration()).toEqual([true, true]);
    expect(await admittedBy(server)).toEqual({ good: true, revoked: false });
    const later = { thisUpdate: minutesFromNow(-4), revoked: [entry(revokedToo)] };
    server.publish(bundle(await naming(), await crlOf(next, later), pki.rootCrl));
    expect(await nextGeneration()).toEqual([true, false]);
    expect(await admittedBy(server)).toEqual({ good: true, revoked: false });
    expect(server.process.output()).not.toContain('VERIFY WARNING');
    await server.process.stop('SIGKILL');
  });
});
