import { type CertificateKind, type IssuedEntry, type PrivateContext } from '@libs/contracts';
import { createHash, randomBytes, randomFillSync, randomUUID } from 'node:crypto';
import { type CertificateTemplate, certificateTemplates, derTime } from '../../test/log/support/certificate-templates';

const PEOPLE = 20_000;
const PSKS = 200;
const FIRST_NAMES = ['anna', 'bela', 'chen', 'dmitri', 'edda', 'farid', 'hana', 'igor'];
const VALIDITY_MS = 90 * 86_400_000;
/** Shares no factor with the numbers of people and keys: who follow each other have nothing to do with each other. */
const STRIDE = 7_919;

/** Of each hundred certificates ninety are users', nine are computers' and one is a server's. */
const kindOf = (n: number): CertificateKind => (n % 100 < 90 ? 'user' : n % 100 < 99 ? 'computer' : 'server');

const NAMES: Readonly<Record<CertificateKind, (holder: number) => string>> = {
  user: (n) => `${FIRST_NAMES[n % FIRST_NAMES.length] ?? ''}.${hashOf(n)}${n}@example.org`,
  computer: (n) => `pc-${n}.berlin.example.net`,
  server: (n) => `gateway-${n}.example.net`,
};

const hashOf = (n: number): string => createHash('md5').update(String(n)).digest('hex').slice(0, 6);

/** Makes entries about certificates that are all distinct and have leaves of about 1,400 bytes, at no cost to speak of. */
export class EntryMill {
  private readonly issuer = randomBytes(32).toString('hex');
  private readonly ready: IssuedEntry[] = [];
  private made = 0;
  private validity = validityFromNow();

  private constructor(private readonly templates: ReadonlyMap<string, CertificateTemplate>) {}

  static async create(): Promise<EntryMill> {
    const templates = await certificateTemplates('usual');
    return new EntryMill(new Map(templates.map((template) => [keyOf(template.kind, template.nameBytes), template])));
  }

  /** Beforehand, so that the making is not measured. */
  prepare(count: number): void {
    this.validity = validityFromNow();
    while (this.ready.length < count) this.ready.push(this.make());
  }

  next(): IssuedEntry {
    return this.ready.pop() ?? this.make();
  }

  private make(): IssuedEntry {
    const kind = kindOf(this.made);
    const holder = (this.made * STRIDE) % (kind === 'server' ? PSKS : PEOPLE);
    this.made += 1;
    const certificate = this.certificate(kind, NAMES[kind](holder)).toString('base64');
    return { type: 'issued', kind, issuer: this.issuer, certificate, context: contextOf(kind, holder) };
  }

  private certificate(kind: CertificateKind, name: string): Buffer {
    const template = this.templates.get(keyOf(kind, name.length));
    if (template === undefined) throw new Error(`there is no template for the name ${name}`);
    const certificate = Buffer.from(template.der);
    // The first byte stays: it makes the number a positive one of 20 bytes.
    randomFillSync(certificate, template.serialAt + 1, 19);
    certificate.write(this.validity.notBefore, template.notBeforeAt, 'latin1');
    certificate.write(this.validity.notAfter, template.notAfterAt, 'latin1');
    certificate.write(name, template.nameAt, 'latin1');
    return certificate;
  }
}

function validityFromNow() {
  const now = Date.now();
  return { notBefore: derTime(new Date(now)), notAfter: derTime(new Date(now + VALIDITY_MS)) };
}

function keyOf(kind: CertificateKind, nameBytes: number): string {
  return `${kind}/${nameBytes}`;
}

function contextOf(kind: CertificateKind, holder: number): PrivateContext {
  const asked = { issuance_id: randomUUID(), client_address: '192.0.2.17', user_agent: 'bench' };
  return kind === 'user' ? { ...asked, user_id: uuidOf(holder) } : { ...asked, psk_id: `psk-${holder % PSKS}` };
}

function uuidOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}
