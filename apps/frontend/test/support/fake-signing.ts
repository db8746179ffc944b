import type {
  IssueCertificateRequest,
  IssuedCertificate,
  RevokeCertificateRequest,
  RevokeCertificatesRequest,
} from '@libs/contracts';
import {
  acceptCsr,
  buildCrl,
  buildTbs,
  createKeyPairAndCsr,
  crlPemLabel,
  fingerprintOf,
  newSerialNumber,
  parseCommonName,
  parseDnsName,
  profiles,
  type PublicKeyInfrastructure,
  signTbs,
  signWithKey,
  toPem,
  validityWithin,
} from '@libs/pki';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { answerJson } from './fake-answer';
import type { FakeLog } from './fake-log';

/**
 * - `answer`: as it should be
 * - `refuse`: 503 and no certificate
 * - `vanish`: the connection breaks and there is no certificate
 * - `issue_and_vanish`: the certificate is in the log, and the connection breaks before the answer
 * - `issue_and_refuse`: the certificate is in the log, and the answer is 503
 * - `issue_and_fail`: the certificate is in the log, and the answer is 502, that there is none
 * - `answer_for_another_key`: the certificate is not for the key of the request
 */
export type SigningMode =
  | 'answer'
  | 'refuse'
  | 'vanish'
  | 'issue_and_vanish'
  | 'issue_and_refuse'
  | 'issue_and_fail'
  | 'answer_for_another_key';

const MODES_THAT_ISSUE: readonly SigningMode[] = [
  'answer',
  'issue_and_vanish',
  'issue_and_refuse',
  'issue_and_fail',
  'answer_for_another_key',
];

type RevocationOrder = RevokeCertificateRequest | RevokeCertificatesRequest;

/** The signing service: real certificates and CRLs, and failures whenever a test wants them. */
export class FakeSigning {
  mode: SigningMode = 'answer';
  /** Run when a request for a certificate has arrived and before it is carried out. */
  beforeIssuing: () => Promise<void> = () => Promise.resolve();
  readonly revocations: RevokeCertificateRequest[] = [];
  private readonly crls = new Map<number, Promise<Buffer>>();

  constructor(
    private readonly pki: PublicKeyInfrastructure,
    private readonly log: FakeLog,
  ) {}

  reset(): void {
    this.mode = 'answer';
    this.beforeIssuing = () => Promise.resolve();
    this.revocations.length = 0;
  }

  /** @returns whether the route is one of the signing service's */
  async answer(route: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    switch (route) {
      case 'POST /api/v1/certificates':
        await this.issue(request, response);
        return true;
      case 'POST /api/v1/revocations':
        this.revokeOneOrMany((await json(request)) as RevocationOrder, response);
        return true;
      case 'GET /api/v1/crl':
        response.end(await this.crl());
        return true;
      case 'GET /api/v1/crl.pem':
        response.end(toPem(crlPemLabel, await this.crl()) + toPem(crlPemLabel, this.pki.rootCrl));
        return true;
      case 'GET /api/v1/chain':
        answerJson(response, 200, { intermediate: this.chain[0], root: this.chain[1] });
        return true;
      default:
        return false;
    }
  }

  private async issue(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const order = (await json(request)) as IssueCertificateRequest;
    await this.beforeIssuing();
    const issued = MODES_THAT_ISSUE.includes(this.mode) ? await this.certify(order) : undefined;
    if (this.mode === 'vanish' || this.mode === 'issue_and_vanish') response.destroy();
    else if (this.mode === 'refuse' || this.mode === 'issue_and_refuse') {
      response.setHeader('Retry-After', '7');
      answerJson(response, 503, { code: 'certtransparency_unavailable' });
    } else if (this.mode === 'issue_and_fail') answerJson(response, 502, { status: 502, code: 'log_refused_entry' });
    else answerJson(response, 201, issued);
  }

  private async certify(order: IssueCertificateRequest): Promise<IssuedCertificate> {
    const { issuer, privateKey } = this.pki.intermediate;
    const serialNumber = newSerialNumber();
    const validity = validityWithin(issuer, new Date(), 90);
    const tbs = buildTbs(issuer, {
      profile: profiles[order.kind],
      commonName: parseCommonName(order.common_name),
      dnsNames: (order.dns_names ?? []).map(parseDnsName),
      spki: acceptCsr(this.mode === 'answer_for_another_key' ? await foreignCsr() : order.csr).spki,
      serialNumber,
      validity,
    });
    const der = await signTbs(tbs, issuer.signatureAlgorithm, (data) => signWithKey(privateKey, data));
    const common = {
      serial_number: serialNumber,
      fingerprint: fingerprintOf(der),
      not_before: validity.notBefore.toISOString(),
      not_after: validity.notAfter.toISOString(),
    };
    const index = this.append(order, common, der);
    const receipt = `c2sp.org/tlog-proof@v1\nindex ${String(index)}\n`;
    return { ...common, certificate: toPem('CERTIFICATE', der), chain: this.chain, receipt, log_index: index };
  }

  private append(
    { kind, common_name, context }: IssueCertificateRequest,
    facts: Pick<IssuedCertificate, 'serial_number' | 'fingerprint' | 'not_before' | 'not_after'>,
    der: Buffer,
  ): number {
    const index = this.log.certificates.length;
    const issuer = this.pki.intermediate.issuer.spkiSha256.toString('hex');
    const logged = { index, logged_at: new Date().toISOString(), revocation: null, context: context ?? null };
    this.log.append({ ...facts, ...logged, kind, common_name, issuer }, der);
    return index;
  }

  private get chain(): readonly [string, string] {
    const { intermediate, root } = this.pki;
    return [toPem('CERTIFICATE', intermediate.issuer.der), toPem('CERTIFICATE', root.issuer.der)];
  }

  private revokeOneOrMany(order: RevocationOrder, response: ServerResponse): void {
    if ('fingerprint' in order) {
      this.revoke(order, response);
      return;
    }
    const { user, psk, reason } = order;
    const criteria = new URLSearchParams({ ...(user && { user_id: user }), ...(psk && { psk_id: psk }) });
    const active = this.log.active(criteria);
    for (const { fingerprint } of active) this.log.markRevoked(fingerprint, reason);
    const { length: count } = active;
    const range = { first_index: null, last_index: null };
    answerJson(response, 200, { reason, count, newly_revoked: count, ...range, crl: 'published' });
  }

  private revoke(order: RevokeCertificateRequest, response: ServerResponse): void {
    const { fingerprint, reason } = order;
    if (!this.log.certificates.some((certificate) => certificate.fingerprint === fingerprint)) {
      answerJson(response, 404, { code: 'certificate_not_found' });
      return;
    }
    const newly_revoked = !this.revocations.some((revocation) => revocation.fingerprint === fingerprint);
    this.revocations.push(order);
    this.log.markRevoked(fingerprint, reason);
    const revoked_at = new Date().toISOString();
    answerJson(response, 200, { fingerprint, reason, revoked_at, log_index: 1000, newly_revoked, crl: 'published' });
  }

  /** One CRL for each state of the revocations: a signature is another every time. */
  private async crl(): Promise<Buffer> {
    const known = this.crls.get(this.revocations.length) ?? this.buildCrl();
    this.crls.set(this.revocations.length, known);
    return known;
  }

  private async buildCrl(): Promise<Buffer> {
    const { issuer, privateKey } = this.pki.intermediate;
    const now = Math.floor(Date.now() / 1000) * 1000;
    const serials = new Map(this.log.certificates.map((one) => [one.fingerprint, one.serial_number]));
    const revoked = this.revocations.map(({ fingerprint }) => ({
      serialNumber: serials.get(fingerprint) ?? '',
      revokedAt: new Date(now),
      reason: 4,
    }));
    const content = {
      number: BigInt(this.revocations.length + 1),
      thisUpdate: new Date(now - 300_000 + this.revocations.length * 1000),
      nextUpdate: new Date(now + 86_400_000),
      revoked,
    };
    return buildCrl(issuer, content, (data) => signWithKey(privateKey, data));
  }
}

async function foreignCsr(): Promise<string> {
  return (await createKeyPairAndCsr({ commonName: 'foreign', algorithm: 'P-256' })).csrPem;
}
