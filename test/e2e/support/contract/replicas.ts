import { cp, mkdir, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { prepareCertTransparency, prepareFrontend, prepareSigning } from '@libs/development';
import { Clock } from '@libs/http';
import { generateNoteKey, printVerifierKey } from '@libs/tlog';
import { CertTransparencyConfig } from '../../../../apps/certtransparency/src/config/certtransparency.config';
import { createApp as createLog } from '../../../../apps/certtransparency/src/create-app';
import { provisionLogDatabase } from '../../../../apps/certtransparency/src/database/provision';
import { FrontendConfig } from '../../../../apps/frontend/src/config/frontend.config';
import { createApp as createFrontend } from '../../../../apps/frontend/src/create-app';
import { SigningConfig } from '../../../../apps/signing/src/config/signing.config';
import { createApp as createSigning } from '../../../../apps/signing/src/create-app';
import { freePorts } from '../../../support/free-ports';
import { ServiceInProcess } from '../service-in-process';
import type { TestProduct } from '../test-product';
import type { Replica, Service } from './contract-case';
import { Gate } from './gate';

type Variables = Readonly<Record<string, string>>;

/** Where nothing listens. */
const NOWHERE = 'http://127.0.0.1:9';
const ELSEWHERE = 'https://vpn.example.net';
/** Of another log than the product's. */
const OTHER_LOG = printVerifierKey(generateNoteKey('log.example.net/other').verifier);

/** When no certificate of today is valid any more. */
const IN_THE_FUTURE = new Date('2099-01-01T00:00:00Z');

const LIMITS: Variables = {
  FRONTEND_FAILED_CREDENTIALS_PER_MINUTE: '1',
  FRONTEND_CERTIFICATES_PER_MINUTE: '1',
  FRONTEND_DEVICE_LOGINS_PER_MINUTE: '1',
};

/** Further replicas of a product's services, with their databases and keys, each started when it is first asked for. */
export class Replicas {
  private readonly urls = new Map<string, Promise<string>>();
  private readonly cleanups: (() => Promise<void>)[] = [];

  constructor(private readonly product: TestProduct) {}

  /** @returns where it listens */
  url(service: Service, replica: Replica): Promise<string> {
    const name = `${service} ${replica}`;
    const url = this.urls.get(name) ?? this.start(service, replica);
    this.urls.set(name, url);
    return url;
  }

  async stop(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
  }

  private async start(service: Service, replica: Replica): Promise<string> {
    // What it keeps on disk is its own, so that it does not fall back on what another replica fetched.
    const folder = this.product.data.path('replicas', `${service} ${replica}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    switch (service) {
      case 'frontend':
        return this.startFrontend(folder, await this.frontendVariables(replica, folder));
      case 'signing':
        return this.startSigning(folder, replica);
      case 'certtransparency':
        return this.startLog(folder, replica);
    }
  }

  private async frontendVariables(replica: Replica, folder: string): Promise<Variables> {
    switch (replica) {
      case 'limited':
        return LIMITS;
      case 'for users':
        return { ADMIN_URL_BASE: ELSEWHERE };
      case 'for administrators':
        return { USER_URL_BASE: ELSEWHERE };
      case 'without signing':
        return { FRONTEND_SIGNING_URL: NOWHERE };
      case 'without log':
        return { FRONTEND_CT_URL: NOWHERE };
      case 'distrusting':
        return { FRONTEND_CT_VERIFIER_KEYS: OTHER_LOG };
      case 'unheard':
        return { FRONTEND_SIGNING_URL: await this.startSilence(this.signingUrl), FRONTEND_SIGNING_TIMEOUT_MS: '700' };
      case 'without templates':
        return { OPENVPN_TEMPLATES_DIRECTORY: await this.templatesOfOneGroup(folder) };
      case 'without database':
      case 'expired':
        throw new Error('there is no such frontend');
    }
  }

  private get signingUrl(): string {
    return `http://127.0.0.1:${String(this.product.signingConfig.listener.port)}`;
  }

  private async startFrontend(folder: string, changes: Variables): Promise<string> {
    const own = { FRONTEND_CRL_CACHE_DIRECTORY: folder, ...(await listenerOf('FRONTEND')), ...changes };
    const config = FrontendConfig.from((await prepareFrontend({ ...this.product.variables, ...own })).variables);
    return this.run(() => createFrontend(config), config);
  }

  private async startSigning(folder: string, replica: Replica): Promise<string> {
    await copyPki(this.product.signingConfig.pkiDirectory, folder);
    const changes = await this.signingVariables(replica);
    const own = { SIGNING_PKI_DIRECTORY: folder, ...(await listenerOf('SIGNING')), ...changes };
    const config = SigningConfig.from((await prepareSigning({ ...this.product.variables, ...own })).variables);
    const app = await createSigning(config);
    const url = await this.run(() => Promise.resolve(app), config);
    if (replica === 'expired') app.get(Clock, { strict: false }).now = () => IN_THE_FUTURE;
    return url;
  }

  private async signingVariables(replica: Replica): Promise<Variables> {
    switch (replica) {
      case 'without log':
        return { SIGNING_CT_URL: NOWHERE };
      case 'distrusting':
        return { SIGNING_CT_VERIFIER_KEYS: OTHER_LOG };
      case 'unheard':
        return { SIGNING_CT_URL: await this.startSilence(), SIGNING_CT_TIMEOUT_MS: '5000', SIGNING_MAX_IN_FLIGHT: '1' };
      default:
        return {};
    }
  }

  /** It starts well; then its database goes away, or answers no more. */
  private async startLog(folder: string, replica: Replica): Promise<string> {
    const { databaseUrl, migratorDatabaseUrl } = this.product.logConfig;
    const gate = await Gate.to(databaseUrl);
    const databases = { CT_DATABASE_URL: gate.url, CT_MIGRATOR_DATABASE_URL: migratorDatabaseUrl };
    const own = { CT_ANCHOR_FILE: `${folder}/anchor`, CT_MAX_QUEUED_ENTRIES: '1', ...(await listenerOf('CT')) };
    const prepared = await prepareCertTransparency(
      { ...this.product.variables, ...databases, ...own },
      provisionLogDatabase,
    );
    const config = CertTransparencyConfig.from(prepared.variables);
    const url = await this.run(() => createLog(config), config);
    if (replica === 'without database') {
      await gate.close();
    } else {
      gate.hold();
      this.cleanups.push(() => gate.close());
    }
    return url;
  }

  /** For people of one group, and for nobody else. */
  private async templatesOfOneGroup(folder: string): Promise<string> {
    const templates = `${folder}/templates`;
    await cp(this.product.frontendConfig.openvpn.templatesDirectory, templates, { recursive: true });
    await rm(`${templates}/9000.default.ovpn`);
    return templates;
  }

  /** Somebody who hands on what is read, and never answers what is to be done. */
  private async startSilence(target = ''): Promise<string> {
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || target === '') return;
      void forward(`${target}${request.url ?? ''}`, request.headers.authorization ?? '', response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.cleanups.push(() => {
      server.closeAllConnections();
      server.close();
      return Promise.resolve();
    });
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  private async run(
    create: ConstructorParameters<typeof ServiceInProcess>[0],
    { listener }: { readonly listener: ConstructorParameters<typeof ServiceInProcess>[1] },
  ): Promise<string> {
    const service = new ServiceInProcess(create, listener);
    await service.start();
    this.cleanups.push(() => service.stop());
    return `http://127.0.0.1:${String(listener.port)}`;
  }
}

async function forward(url: string, authorization: string, response: ServerResponse): Promise<void> {
  const answer = await fetch(url, { headers: { authorization } });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** Without the CRLs that were published. */
async function copyPki(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await rm(`${to}/crl`, { recursive: true, force: true });
  await mkdir(`${to}/crl`, { mode: 0o700 });
}

async function listenerOf(prefix: string): Promise<Variables> {
  const [port = 0] = await freePorts(1);
  return { [`${prefix}_PORT`]: String(port), [`${prefix}_MANAGEMENT_PORT`]: '0' };
}
