import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IssuedCertificate } from '@libs/contracts';
import {
  generateTlsCryptV2ClientKey,
  generateTlsCryptV2ServerKey,
  printTlsCryptV2ClientKey,
  printTlsCryptV2ServerKey,
  type ClientKeyMetadata,
} from '@libs/openvpn';
import { createAuthority, crlPemLabel, toPem, type PublicKeyInfrastructure } from '@libs/pki';
import { ControlChannelKeys } from '../../apps/frontend/src/issuances/control-channel-keys';
import { certificatePem, crlOf, issueTo, type Holder } from '../support/certificates';
import { REPOSITORY } from './support/prerequisites';
import { temporaryFolder } from './support/running-product';
import { VpnLab } from './support/vpn-lab';
import { VpnServer } from './support/vpn-server';

const PROGRAM = join(REPOSITORY, 'tools', 'tls-crypt-v2-verify', 'tls-crypt-v2-verify');

/** A CRL that names nobody, so that whatever is refused here is refused by the key of the control channel. */
describe('tls-crypt-v2 with a real OpenVPN server', () => {
  const folder = temporaryFolder();
  const revoked = join(folder, 'revoked');
  const program = join(folder, 'tls-crypt-v2-verify');
  const [current, previous] = [generateTlsCryptV2ServerKey(), generateTlsCryptV2ServerKey()];
  let lab: VpnLab;
  let pki: PublicKeyInfrastructure;
  let serversOwn: Holder;
  let ada: Holder;

  beforeAll(async () => {
    lab = VpnLab.create();
    // The server runs it as nobody, who need not be able to enter the checkout.
    copyFileSync(PROGRAM, program);
    mkdirSync(revoked);
    pki = await createAuthority({
      ...{ rootCommonName: 'Root', intermediateCommonName: 'Intermediate' },
      ...{ algorithm: 'P-256', now: new Date(), rootCrlValidityDays: 30 },
    });
    serversOwn = await issueTo(pki.intermediate, { kind: 'server', commonName: 'vpn.example.org' });
    ada = await issueTo(pki.intermediate, { kind: 'user', commonName: 'ada' });
  });

  afterAll(async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  const pemOf = (name: 'root' | 'intermediate') => certificatePem(pki[name].issuer.der);

  async function startServer(name: string, key: string, port = 1194): Promise<VpnServer> {
    const serverFolder = join(folder, name);
    mkdirSync(serverFolder);
    writeFileSync(join(serverFolder, 'v2.key'), key, { mode: 0o600 });
    const crls = [await crlOf(pki.intermediate), pki.rootCrl].map((crl) => toPem(crlPemLabel, crl));
    const material = {
      authorities: pemOf('intermediate') + pemOf('root'),
      certificate: serversOwn.certificate + pemOf('intermediate'),
      privateKey: serversOwn.privateKey,
      crl: crls.join(''),
    };
    const verify = ['script-security 2', `tls-crypt-v2-verify "${program} ${revoked}"`];
    const network = `server 10.8.${String(port % 256)}.0 255.255.255.0`;
    return VpnServer.start(lab, serverFolder, material, {
      port,
      extra: ['tls-crypt-v2 v2.key force-cookie', network, ...verify],
    });
  }

  /** The key that the frontend puts into a profile. */
  function profileKey(keys: ControlChannelKeys): string {
    const certificate: IssuedCertificate = {
      certificate: ada.certificate,
      chain: [pemOf('intermediate'), pemOf('root')],
      serial_number: ada.serialNumber,
      ...{ not_before: '2026-01-01T00:00:00.000Z', not_after: '2030-01-01T00:00:00.000Z' },
      ...{ fingerprint: '00'.repeat(32), log_index: 0, receipt: '' },
    };
    return keys.forClient(certificate).key;
  }

  function handMade(metadata: ClientKeyMetadata): string {
    return printTlsCryptV2ClientKey(generateTlsCryptV2ClientKey(current, metadata));
  }

  function admits(server: VpnServer, key: string): Promise<boolean> {
    const client = { root: pemOf('root'), intermediate: pemOf('intermediate'), ...ada };
    return server.admits(client, [`<tls-crypt-v2>\n${key.trim()}\n</tls-crypt-v2>`]);
  }

  describe('that runs tls-crypt-v2-verify as nobody', () => {
    let server: VpnServer;
    let key: string;

    beforeAll(async () => {
      server = await startServer('verifying', printTlsCryptV2ServerKey(current));
      key = profileKey(new ControlChannelKeys([current]));
    });

    it('lets in whose certificate has no file in the folder', async () => {
      expect(await admits(server, key)).toBe(true);
      expect(server.process.output()).toContain('TLS CRYPT V2 VERIFY SCRIPT OK');
    });

    it('turns a revoked one away before any TLS, and lets it in again without the file', async () => {
      const decimal = BigInt(`0x${ada.serialNumber}`).toString();
      writeFileSync(join(revoked, decimal), '');
      const before = server.process.output().length;
      expect(await admits(server, key)).toBe(false);
      const said = server.process.output().slice(before);
      expect(said).toContain(`refused: certificate ${decimal} is revoked`);
      expect(said).toContain('TLS CRYPT V2 VERIFY SCRIPT ERROR');
      expect(said).not.toMatch(/VERIFY (OK|ERROR): depth|TLS handshake/);
      rmSync(join(revoked, decimal));
      expect(await admits(server, key)).toBe(true);
    });

    it('turns everybody away when it cannot search the folder, and says so', async () => {
      chmodSync(revoked, 0o700);
      expect(await admits(server, key)).toBe(false);
      expect(server.process.output()).toContain('refused: the folder of revoked certificates cannot be searched');
      chmodSync(revoked, 0o755);
      expect(await admits(server, key)).toBe(true);
    });

    it.each<[string, ClientKeyMetadata]>([
      ['a time as metadata', { type: 'timestamp', seconds: 1_800_000_000n }],
      ['no metadata', { type: 'user', data: Buffer.of() }],
      ['metadata of another tool', { type: 'user', data: Buffer.from('{"serial":"01"}') }],
      ['as much metadata as fits', { type: 'user', data: Buffer.alloc(733, '"') }],
    ])('turns away a key of the right server key with %s', async (_, metadata) => {
      expect(await admits(server, handMade(metadata))).toBe(false);
    });
  });

  describe('while the server key is rotated', () => {
    const rotating = new ControlChannelKeys([current, previous]);
    const keyFile = (index: number) => rotating.rotating()[index]?.key ?? '';

    it('two servers side by side, with a key each from the same bundle, serve the profiles of both keys', async () => {
      const [old, next] = [await startServer('old', keyFile(1), 1195), await startServer('next', keyFile(0), 1196)];
      const older = profileKey(new ControlChannelKeys([previous]));
      const newer = profileKey(rotating);
      expect([await admits(old, older), await admits(next, newer)]).toEqual([true, true]);
      expect([await admits(old, newer), await admits(next, older)]).toEqual([false, false]);
    });

    it('one server cannot do it: of several keys in its file it takes the first alone', async () => {
      const one = await startServer('both', keyFile(0) + keyFile(1), 1197);
      expect(await admits(one, profileKey(rotating))).toBe(true);
      expect(await admits(one, profileKey(new ControlChannelKeys([previous])))).toBe(false);
      expect(one.process.output()).toContain('Can not unwrap tls-crypt-v2 client key');
    });
  });
});
