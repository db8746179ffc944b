import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildTbs,
  certificateKinds,
  createIntermediate,
  createRoot,
  createRootCrl,
  crlPemLabel,
  generateKeyPair,
  Issuer,
  newSerialNumber,
  parseCommonName,
  profiles,
  signTbs,
  signWithKey,
  spkiOf,
  toPem,
  validityWithin,
  type CaKeyAlgorithm,
  type CertificateAuthority,
  type CertificateKind,
  type KeyAlgorithm,
  type PublicKeyInfrastructure,
  type RevokedCertificate,
} from '@libs/pki';
import { certificatePem, crlOf, issueTo, minutesFromNow, type Holder } from '../support/certificates';
import { certtool, go, java, openssl, type Opinion, type Oracle, type Verdict } from './support/oracles';

const ISSUERS: readonly CaKeyAlgorithm[] = ['P-256', 'P-384', 'Ed25519', 'RSA-3072'];
/** Each kind of certificate has a key of another algorithm. */
const HOLDERS: Readonly<Record<CertificateKind, KeyAlgorithm>> = {
  user: 'P-256',
  computer: 'Ed25519',
  server: 'RSA-3072',
};
const ORACLES: Readonly<Record<string, Oracle>> = { openssl, certtool, java, go };
const REASONS = [0, 1, 3, 4, 5, 9];

interface Case {
  readonly leaf: Buffer;
  readonly kind: CertificateKind;
  /** From the leaf's issuer upwards, without the root. */
  readonly chain: readonly Buffer[];
  readonly root: Buffer;
  readonly crls: readonly Buffer[];
  readonly expected: Verdict;
}

/** Everything that an authority of one kind of key makes, good and bad, by name. */
class Cases {
  readonly all = new Map<string, Case>();

  private constructor(private readonly pki: PublicKeyInfrastructure) {}

  static async of(algorithm: CaKeyAlgorithm): Promise<ReadonlyMap<string, Case>> {
    const now = new Date();
    const root = await createRoot({ commonName: 'Root', algorithm, now });
    const intermediate = await createIntermediate(root, { commonName: 'Intermediate', algorithm, now });
    const rootCrl = await createRootCrl(root, { now, validityDays: 30 });
    const cases = new Cases({ root, intermediate, rootCrl });
    for (const kind of certificateKinds) await cases.addLeaves(kind);
    await cases.addRevoked();
    await cases.addForged();
    await cases.addChains();
    return cases.all;
  }

  private add(name: string, expected: Verdict, one: Partial<Case> & Pick<Case, 'leaf' | 'crls'>): void {
    const { root, intermediate } = this.pki;
    const chain = [intermediate.issuer.der];
    this.all.set(name, { kind: 'user', chain, root: root.issuer.der, ...one, expected });
  }

  private async addLeaves(kind: CertificateKind): Promise<void> {
    const { der } = await this.issue(kind);
    for (const count of [0, 1, 1000]) {
      this.add(`${kind}, CRL of ${count}`, 'good', { leaf: der, kind, crls: await this.crls(others(count)) });
    }
    const nextUpdate = new Date('2055-01-01T00:00:00Z');
    const crl = await crlOf(this.pki.intermediate, { nextUpdate, revoked: others(3, nextUpdate) });
    this.add(`${kind}, CRL until 2055`, 'good', { leaf: der, kind, crls: [crl, this.pki.rootCrl] });
    const otherKind = kind === 'server' ? 'user' : 'server';
    this.add(`${kind} as ${otherKind}`, 'refused', { leaf: der, kind: otherKind, crls: await this.crls() });
  }

  private async addRevoked(): Promise<void> {
    const { der, serialNumber } = await this.issue();
    for (const reason of REASONS) {
      const crls = await this.crls([{ serialNumber, revokedAt: minutesFromNow(-9), reason }]);
      this.add(`revoked for reason ${reason}`, 'revoked', { leaf: der, crls });
    }
    const entry = { serialNumber, revokedAt: minutesFromNow(-9), reason: 1 };
    for (const [place, at] of Object.entries({ first: 0, middle: 500, last: 999 })) {
      const crls = await this.crls(others(999).toSpliced(at, 0, entry));
      this.add(`revoked, ${place} of 1000`, 'revoked', { leaf: der, crls });
    }
    const { serialNumber: issuers } = this.pki.intermediate.issuer.certificate.tbs;
    const revoked = [{ ...entry, serialNumber: issuers.toString('hex') }];
    const crls = [await crlOf(this.pki.intermediate), await crlOf(this.pki.root, { number: 2n, revoked })];
    this.add('issuer revoked', 'revoked', { leaf: der, crls });
  }

  private async addForged(): Promise<void> {
    const { der } = await this.issue();
    const [crl, ...rest] = await this.crls();
    this.add('certificate with a flipped signature', 'refused', { leaf: flipped(der), crls: await this.crls() });
    this.add('CRL with a flipped signature', 'refused', { leaf: der, crls: [flipped(crl), ...rest] });
    const chain = [flipped(this.pki.intermediate.issuer.der)];
    this.add('issuer with a flipped signature', 'refused', { leaf: der, chain, crls: await this.crls() });
  }

  /** Below the intermediate, whose path length is 0, another CA. */
  private async addChains(): Promise<void> {
    const { intermediate } = this.pki;
    const below = await subordinateOf(intermediate);
    const { der } = await issueTo(below, { kind: 'user', commonName: 'too deep' });
    const chain = [below.issuer.der, intermediate.issuer.der];
    this.add('chain that is too long', 'refused', {
      leaf: der,
      chain,
      crls: [await crlOf(below), ...(await this.crls())],
    });
  }

  private issue(kind: CertificateKind = 'user'): Promise<Holder> {
    const commonName = kind === 'server' ? 'vpn.example.org' : 'Ada Lovelace';
    return issueTo(this.pki.intermediate, { kind, commonName, algorithm: HOLDERS[kind] });
  }

  private async crls(revoked: readonly RevokedCertificate[] = []): Promise<readonly [Buffer, Buffer]> {
    return [await crlOf(this.pki.intermediate, { revoked }), this.pki.rootCrl];
  }
}

/** Entries of other certificates: with every reason, and with serial numbers as other tools make them. */
function others(count: number, revokedAt = minutesFromNow(-60)): RevokedCertificate[] {
  const strange = ['01', '7F', '80', 'FF', '0100', '80'.repeat(19)];
  return Array.from({ length: count }, (_, index) => ({
    serialNumber: (index > 10 ? strange[index - 11] : undefined) ?? newSerialNumber(),
    revokedAt: new Date(revokedAt.getTime() - 1000 * index),
    reason: REASONS[index % REASONS.length] ?? 0,
  }));
}

async function subordinateOf(parent: CertificateAuthority): Promise<CertificateAuthority> {
  const { publicKey, privateKey } = await generateKeyPair('P-256');
  const tbs = buildTbs(parent.issuer, {
    profile: profiles['intermediate-ca'],
    commonName: parseCommonName('Too deep'),
    dnsNames: [],
    spki: spkiOf(publicKey),
    serialNumber: newSerialNumber(),
    validity: validityWithin(parent.issuer, new Date(), 30),
  });
  const sign = (data: Buffer) => signWithKey(parent.privateKey, data);
  return { issuer: Issuer.fromCertificate(await signTbs(tbs, parent.issuer.signatureAlgorithm, sign)), privateKey };
}

/** With one bit changed in the signature, which is what a certificate or CRL ends with. */
function flipped(der: Buffer): Buffer {
  const changed = Buffer.from(der);
  const at = changed.length - 1;
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

describe('tools that we did not write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovpn-oracles-'));
  const expected = new Map<string, Verdict>();

  beforeAll(async () => {
    for (const algorithm of ISSUERS) {
      for (const [name, one] of await Cases.of(algorithm)) write(`${algorithm}, ${name}`, one);
    }
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  function write(name: string, one: Case): void {
    const file = (part: string, text: string) => writeFileSync(join(folder, name, part), text);
    mkdirSync(join(folder, name));
    file('leaf.crt', certificatePem(one.leaf));
    file('chain.crt', one.chain.map(certificatePem).join(''));
    file('root.crt', certificatePem(one.root));
    file('crls.pem', one.crls.map((crl) => toPem(crlPemLabel, crl)).join(''));
    file('purpose', one.kind === 'server' ? 'server' : 'client');
    expected.set(name, one.expected);
  }

  it.each(Object.entries(ORACLES))('%s judges everything as it is meant', async (_, oracle) => {
    const opinions = await oracle(folder);
    expect(disagreements(opinions)).toEqual([]);
    expect(opinions.size).toBe(expected.size);
    expect(new Set(expected.values()).size).toBe(3);
  });

  function disagreements(opinions: ReadonlyMap<string, Opinion>): string[] {
    return [...expected]
      .map(([name, verdict]) => ({ name, verdict, opinion: opinions.get(name) }))
      .filter(({ verdict, opinion }) => opinion?.verdict !== verdict)
      .map(({ name, verdict, opinion }) => `${name}: ${verdict}, but ${JSON.stringify(opinion)}`);
  }
});
