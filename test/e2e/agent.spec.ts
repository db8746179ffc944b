import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { openRevocationPage } from '@libs/contracts';
import { parseCrl, crlSerialNumbers, parsePem } from '@libs/pki';
import { parseVerifierKey } from '@libs/tlog';
import { stringify } from 'yaml';
import { run } from '../../tools/ovpn-agent/run';
import { ApiSession, objectOf } from '../support/api-session';
import { createPsk, fetchWithPsk, profileOf } from '../support/requests';
import { readTarGz } from '../support/tar-gz';
import { TestProduct } from './support/test-product';

interface ServerList {
  readonly items: readonly Record<string, unknown>[];
}

describe('revocations on their way to an OpenVPN server', () => {
  let product: TestProduct;
  let folder: string;
  let admin: ApiSession;
  let psk: string;
  let logKey: string;

  beforeAll(async () => {
    product = await TestProduct.start();
    folder = mkdtempSync(join(tmpdir(), 'ovpn-agent-'));
    chmodSync(folder, 0o755);
    for (const name of ['crl', 'state']) mkdirSync(join(folder, name));
    admin = await ApiSession.signIn(product.frontendUrl, 'admin');
    psk = await createPsk(admin, { kind: 'server', common_name: 'vpn.localhost' });
    const bundle = await fetchWithPsk(product.frontendUrl, 'server', psk);
    const files = await readTarGz(Buffer.from(await bundle.arrayBuffer()));
    writeFileSync(join(folder, 'ca-chain.crt'), files.get('ca-chain.crt')?.text ?? '');
    logKey = product.data.logVerifierKey();
    writeFileSync(join(folder, 'log.key'), logKey);
    writeFileSync(join(folder, 'psk'), psk, { mode: 0o600 });
    const configuration = {
      manager: product.frontendUrl,
      ...{
        psk_file: join(folder, 'psk'),
        log_key_file: join(folder, 'log.key'),
        state_directory: join(folder, 'state'),
      },
      ...{ crl_directory: join(folder, 'crl'), crl_file: join(folder, 'crl.pem') },
      ca_file: join(folder, 'ca-chain.crt'),
      name: 'vpn-1',
    };
    writeFileSync(join(folder, 'agent.yaml'), stringify(configuration));
  });

  afterAll(async () => {
    await product.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function agentOnce(): Promise<{ status: number; output: string }> {
    let output = '';
    const collect = (text: string) => {
      output += text;
    };
    const argv = ['--config', join(folder, 'agent.yaml'), '--once'];
    const status = await run(argv, { stdout: collect, stderr: collect, signal: new AbortController().signal });
    return { status, output };
  }

  const servers = async () => objectOf(await admin.get('/api/v1/admin/servers')) as unknown as ServerList;

  async function issueAndRevoke(): Promise<bigint> {
    const profile = await profileOf(admin);
    objectOf(
      await admin.post(`/api/v1/admin/certificates/${profile.fingerprint}/revocation`, { reason: 'superseded' }),
    );
    return BigInt(`0x${new X509Certificate(profile.block('cert')).serialNumber}`);
  }

  it('arrive in the folder and in the CRLs, and the administrator sees it', async () => {
    const serial = await issueAndRevoke();
    await expect(agentOnce()).resolves.toMatchObject({ status: 0 });
    expect(readdirSync(join(folder, 'crl'))).toEqual([serial.toString()]);
    const crls = parsePem(readFileSync(join(folder, 'crl.pem'), 'latin1')).map(({ der }) => parseCrl(der));
    expect(crls.flatMap((crl) => [...crlSerialNumbers(crl)]).map((hex) => BigInt(`0x${hex}`))).toEqual([serial]);
    const { items } = await servers();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ name: 'vpn-1', management: 'not_configured', problems: [] });
    expect(items[0]).toMatchObject({ lag: { revocations: 0, is_exact: true, seconds: 0 } });
  });

  it('are seen to be missing until the agent has been there', async () => {
    await issueAndRevoke();
    await issueAndRevoke();
    expect((await servers()).items[0]).toMatchObject({ lag: { revocations: 2, is_exact: true } });
    await expect(agentOnce()).resolves.toMatchObject({ status: 0 });
    expect((await servers()).items[0]).toMatchObject({ lag: { revocations: 0 } });
    expect(readdirSync(join(folder, 'crl'))).toHaveLength(3);
  });

  it('are signed by the log to the frontend and beyond', async () => {
    const answer = await fetch(`${product.frontendUrl}/api/v1/revocations?since=1`, {
      headers: { authorization: `Bearer ${psk}` },
    });
    const page = openRevocationPage(await answer.text(), [parseVerifierKey(logKey)]);
    expect(page).toMatchObject({ complete: true, since: 1, next: page.size });
    expect(page.revocations).toHaveLength(3);
  });

  it('stay where they are while the log is down', async () => {
    await product.log.stop();
    const { status, output } = await agentOnce();
    expect(status).toBe(1);
    expect(output).toContain('manager_unreachable');
    expect(readdirSync(join(folder, 'crl'))).toHaveLength(3);
    await product.log.start();
    await expect(agentOnce()).resolves.toMatchObject({ status: 0 });
  });
});
