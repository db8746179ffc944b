import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createIntermediate,
  crlAuthorityOf,
  crlNumberOf,
  crlPemLabel,
  Issuer,
  onlyPemBlock,
  openPrivateKey,
  parseCrl,
  parsePem,
  sealPrivateKey,
  toPem,
  type ParsedCrl,
} from '@libs/pki';
import { ApiSession, objectOf } from '../support/api-session';
import { certificatePem } from '../support/certificates';
import type { LoggedProcess } from '../support/logged-process';
import type { ProfileFile } from '../support/profile-file';
import { createPsk, fetchWithPsk, profileOf } from '../support/requests';
import { RunningProduct, temporaryFolder } from './support/running-product';
import { VpnLab } from './support/vpn-lab';
import { decision, publishCrl } from './support/vpn-server';

/** One server with the bundle that it got at first; around it the manager changes, and goes. The tests tell a story in order. */
describe('an OpenVPN server of the product', () => {
  const folder = temporaryFolder();
  const dataDirectory = join(folder, 'data');
  const serverFolder = join(folder, 'server');
  const cleanups: (() => Promise<unknown>)[] = [];
  let lab: VpnLab;
  let product: RunningProduct;
  let admin: ApiSession;
  let server: LoggedProcess;
  let clients = 0;
  /** Profiles of the first generation, then of the second. */
  let [ada, ben, cy, dee, eve]: ProfileFile[] = [];

  beforeAll(async () => {
    for (const path of [dataDirectory, serverFolder]) mkdirSync(path);
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    lab = VpnLab.create();
    cleanups.push(() => lab.close());
    await startProduct({ OPENVPN_REMOTE_HOST: lab.addressOf('server') });
    cleanups.push(() => product.stop());
  });

  afterAll(async () => {
    const ended = await Promise.allSettled(cleanups.reverse().map((cleanup) => cleanup()));
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  async function startProduct(variables: Record<string, string>): Promise<void> {
    product = await RunningProduct.start({ dataDirectory, variables });
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
  }

  async function startServer(): Promise<void> {
    server = lab.openvpn('server', 'server', serverFolder, ['--config', 'Default.0002.ovpn']);
    await server.waitFor('Initialization Sequence Completed');
  }

  async function admits(profile: ProfileFile | undefined): Promise<boolean> {
    clients += 1;
    const file = join(folder, `client-${clients}.ovpn`);
    writeFileSync(file, profile?.text ?? '', { mode: 0o600 });
    const silent = ['--dev', 'null', '--ifconfig-noexec', '--route-noexec'];
    const client = lab.openvpn('client', file, folder, ['--config', file, ...silent]);
    try {
      return await decision(client);
    } finally {
      await client.stop('SIGKILL');
    }
  }

  async function admitted(...profiles: readonly (ProfileFile | undefined)[]): Promise<boolean[]> {
    const outcomes: boolean[] = [];
    for (const profile of profiles) outcomes.push(await admits(profile));
    return outcomes;
  }

  async function revoke(profile: ProfileFile | undefined): Promise<void> {
    const path = `/api/v1/admin/certificates/${profile?.fingerprint ?? ''}/revocation`;
    const revoked = objectOf(await admin.post(path, { reason: 'key_compromise', comment: 'lost' }));
    expect(revoked).toMatchObject({ newly_revoked: true, crl: 'published' });
  }

  async function fetchCrl(): Promise<string> {
    const response = await fetch(`${product.frontendUrl}/crl.pem`);
    expect(response.status).toBe(200);
    return response.text();
  }

  /** The CRL of whoever issued the profile's certificate. */
  function crlFor(profile: ProfileFile | undefined, bundle: string): ParsedCrl {
    const issuer = Issuer.fromCertificate(onlyPemBlock(profile?.block('extra-certs') ?? '', 'CERTIFICATE'));
    const crls = parsePem(bundle).map(({ der }) => parseCrl(der));
    const found = crls.find((crl) => crlAuthorityOf(crl)?.equals(issuer.keyIdentifier));
    if (found === undefined) throw new Error('the bundle has no CRL of this issuer');
    return found;
  }

  it('starts from its bundle, and lets in whoever has a profile', async () => {
    const psk = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
    const bundle = await fetchWithPsk(product.frontendUrl, 'server', psk);
    writeFileSync(join(folder, 'bundle.tar.gz'), Buffer.from(await bundle.arrayBuffer()));
    execFileSync('tar', ['-xzf', join(folder, 'bundle.tar.gz'), '-C', serverFolder]);
    [ada, ben, cy] = [await tcpProfile(), await tcpProfile(), await tcpProfile()];
    await startServer();
    expect(await admitted(ada, ben, cy)).toEqual([true, true, true]);
  });

  const tcpProfile = () => profileOf(admin, ['tcp']);

  it('refuses both of two that were revoked one right after the other, whatever old CRL it has besides', async () => {
    const before = crlFor(ada, await fetchCrl());
    await revoke(ada);
    const first = await fetchCrl();
    await revoke(ben);
    const second = await fetchCrl();
    const [one, other] = [crlFor(ada, first), crlFor(ada, second)];
    for (const [older, newer] of [[before, one] as const, [one, other] as const]) {
      expect(Number(crlNumberOf(newer))).toBeGreaterThan(Number(crlNumberOf(older)));
      expect(newer.thisUpdate.getTime()).toBeGreaterThanOrEqual(older.thisUpdate.getTime() + 1000);
    }
    publishCrl(serverFolder, first);
    expect(await admitted(ada, ben, cy)).toEqual([false, true, true]);
    publishCrl(serverFolder, toPem(crlPemLabel, one.der) + second);
    expect(await admitted(ada, ben, cy)).toEqual([false, false, true]);
    publishCrl(serverFolder, second);
    expect(await admitted(ada, ben, cy)).toEqual([false, false, true]);
  });

  it('lets in a second generation of profiles beside the first, from a new intermediate that it has never heard of', async () => {
    await product.interrupt();
    await addIssuer('second');
    await startProduct({ ...product.variables, SIGNING_ACTIVE_ISSUER: 'second' });
    [dee, eve] = [await tcpProfile(), await tcpProfile()];
    expect(dee.block('extra-certs')).not.toBe(cy?.block('extra-certs'));
    const crls = await fetchCrl();
    expect(parsePem(crls)).toHaveLength(3);
    publishCrl(serverFolder, crls);
    expect(await admitted(cy, dee, eve)).toEqual([true, true, true]);
    expect(await admitted(ada, ben)).toEqual([false, false]);
  });

  it('refuses the revoked of either generation', async () => {
    await revoke(cy);
    await revoke(eve);
    publishCrl(serverFolder, await fetchCrl());
    expect(await admitted(cy, dee, eve)).toEqual([false, true, false]);
    expect(await admitted(ada, ben)).toEqual([false, false]);
  });

  it('goes on without the manager, also when it is started again', async () => {
    await product.interrupt();
    expect(await admitted(ada, cy, dee, eve)).toEqual([false, false, true, false]);
    await server.stop();
    await startServer();
    expect(await admitted(ada, cy, dee, eve)).toEqual([false, false, true, false]);
    expect(server.output()).not.toContain('VERIFY WARNING');
  });

  /** A further intermediate of the development root, as the ceremony would make it. */
  async function addIssuer(name: string): Promise<void> {
    const pki = (...names: readonly string[]) => join(dataDirectory, 'pki', ...names);
    const passphrase = readFileSync(join(dataDirectory, 'secrets', 'intermediate-passphrase'), 'utf8');
    const root = {
      issuer: Issuer.fromCertificate(onlyPemBlock(readFileSync(pki('root.crt'), 'utf8'), 'CERTIFICATE')),
      privateKey: await openPrivateKey(readFileSync(pki('root.key.json'), 'utf8'), passphrase),
    };
    const options = { commonName: `Intermediate ${name}`, algorithm: 'P-256', now: new Date() } as const;
    const { issuer, privateKey } = await createIntermediate(root, options);
    mkdirSync(pki('issuers', name), { recursive: true, mode: 0o700 });
    const write = (file: string, text: string) => writeFileSync(pki('issuers', name, file), text, { mode: 0o600 });
    write('intermediate.crt', certificatePem(issuer.der));
    write('intermediate.key.json', await sealPrivateKey(privateKey, passphrase));
  }
});
