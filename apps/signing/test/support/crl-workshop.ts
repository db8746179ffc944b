import {
  type CertificateAuthority,
  type ParsedCrl,
  type PublicKeyInfrastructure,
  createAuthority,
  createIntermediate,
  crlPemLabel,
  crlSerialNumbers,
  parseCrl,
  parsePem,
  signWithKey,
  toPem,
} from '@libs/pki';
import { FixedClock } from '@libs/testing';
import { Logger } from '@nestjs/common';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SigningConfig } from '../../src/config/signing.config';
import { CrlBuilder } from '../../src/crl/crl-builder';
import { CrlDistribution } from '../../src/crl/crl-distribution';
import { CrlFiles } from '../../src/crl/crl-files';
import { CrlPublisher } from '../../src/crl/crl-publisher';
import { CrlStates } from '../../src/crl/crl-states';
import type { PublishedCrl } from '../../src/crl/published-crl';
import { RootCrl } from '../../src/crl/root-crl';
import { KeyStore, type SigningIssuer } from '../../src/key-store/key-store';
import type { ReceiptVerifier } from '../../src/log/receipt-verifier';
import { Records, start } from './crl-records';

export interface CrlAuthorities {
  readonly pki: PublicKeyInfrastructure;
  /** Valid for ten days. */
  readonly retiring: CertificateAuthority;
}

export async function crlAuthorities(): Promise<CrlAuthorities> {
  const names = { rootCommonName: 'Root', intermediateCommonName: 'New' };
  const pki = await createAuthority({ ...names, algorithm: 'P-256', now: start, rootCrlValidityDays: 30 });
  const retiring = await createIntermediate(pki.root, {
    commonName: 'Old',
    algorithm: 'P-256',
    now: start,
    validityDays: 10,
  });
  return { pki, retiring };
}

export interface CrlService {
  readonly publisher: CrlPublisher;
  /** As it is served. */
  readonly bundle: () => string;
  readonly states: CrlStates;
  readonly active: SigningIssuer;
  readonly old: SigningIssuer;
}

/** For the tests of a file: the same authorities, and a workshop of its own for each. */
export interface Workshops {
  readonly authorities: CrlAuthorities;
  readonly current: CrlWorkshop;
}

/** To be called at the top of a spec, whose hooks open and close them. */
export function workshopsOfTests(): Workshops {
  let authorities: CrlAuthorities;
  let current: CrlWorkshop;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    authorities = await crlAuthorities();
  });
  beforeEach(async () => {
    current = await CrlWorkshop.open(authorities);
  });
  afterEach(() => current.close());
  return {
    get authorities() {
      return authorities;
    },
    get current() {
      return current;
    },
  };
}

/** A folder, a log that is a list, and two clocks that tests may set. */
export class CrlWorkshop {
  readonly clock = new FixedClock(start);
  readonly records = new Records();

  private constructor(
    private readonly folder: string,
    private readonly authorities: CrlAuthorities,
  ) {}

  static async open(authorities: CrlAuthorities): Promise<CrlWorkshop> {
    const folder = await mkdtemp(join(tmpdir(), 'crl-publisher-'));
    await writeFile(join(folder, 'root.crl.pem'), toPem(crlPemLabel, authorities.pki.rootCrl));
    return new CrlWorkshop(folder, authorities);
  }

  /** Both clocks. */
  advance(ms: number): void {
    this.clock.advance(ms / 1000);
    this.records.clock.advance(ms / 1000);
  }

  /** One that has just started on the folder. */
  async service(): Promise<CrlService> {
    const config = {
      crl: { lifetimeHours: 168, publishEveryHours: 12, pollSeconds: 15 },
    } as Partial<SigningConfig> as SigningConfig;
    const { pki, retiring } = this.authorities;
    const [active, old] = [signingIssuer('new', pki.intermediate), signingIssuer('old', retiring)];
    const keyStore = new KeyStore(this.folder, active, pki.root.issuer, [old]);
    const files = new CrlFiles(keyStore);
    const rootCrl = new RootCrl(files);
    await rootCrl.load();
    const trusting = { crl: () => undefined } as unknown as ReceiptVerifier;
    const builder = new CrlBuilder(config, this.records.log, trusting, this.clock);
    const publisher = new CrlPublisher(config, keyStore, builder, files, this.clock);
    await publisher.load();
    const distribution = new CrlDistribution(publisher, rootCrl, keyStore);
    const bundle = (): string => Buffer.concat([...distribution.pem().chunks()]).toString('latin1');
    return { publisher, bundle, states: new CrlStates(config, publisher, rootCrl, this.clock), active, old };
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function signingIssuer(name: string, { issuer, privateKey }: CertificateAuthority): SigningIssuer {
  const sign = (data: Buffer) => Promise.resolve(signWithKey(privateKey, data));
  return { name, issuer, key: { publicKey: issuer.publicKey, sign } };
}

export const crlsIn = (bundle: string): ParsedCrl[] => parsePem(bundle).map(({ der }) => parseCrl(der));
export const serialsOf = (crl: PublishedCrl | ParsedCrl | undefined): string[] =>
  crl === undefined ? [] : [...crlSerialNumbers('parsed' in crl ? crl.parsed : crl)];
