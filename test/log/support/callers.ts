import { randomUUID } from 'node:crypto';
import type { IssueCertificateRequest, IssuedCertificate, RevokedCertificateResponse } from '@libs/contracts';
import { createKeyPairAndCsr } from '@libs/pki';
import type { KillLab } from './kill-lab';
import type { LabFrontend } from './lab-frontend';

/** In flight at once when something dies: new issuances, repetitions of earlier ones, revocations, and profiles for machines. */
const NEW = 9;
const REPEATED = 3;
const REVOKED = 4;
const PROFILES = 4;

interface Asked {
  readonly id: string;
  readonly request: IssueCertificateRequest;
}

type Ask = () => Promise<unknown>;

/** Those who call the services of the lab, and what they have been promised. */
export class Callers {
  readonly issued = new Map<string, IssuedCertificate>();
  readonly revoked = new Map<string, RevokedCertificateResponse>();
  private readonly asked = new Map<string, Asked>();

  private constructor(
    private readonly lab: KillLab,
    private readonly frontend: LabFrontend,
    private readonly csr: string,
  ) {}

  static async create(lab: KillLab, frontend: LabFrontend): Promise<Callers> {
    const { csrPem } = await createKeyPairAndCsr({ commonName: 'ignored', algorithm: 'P-256' });
    const callers = new Callers(lab, frontend, csrPem);
    for (const one of callers.newRequests(REPEATED + REVOKED)) await callers.issue(one);
    return callers;
  }

  /** 20 requests at once; what fails because of the death fails. Answers what will be asked again: all but profiles. */
  async askUntilDeath(): Promise<readonly Ask[]> {
    const earlier = this.unrevoked();
    const toRevoke = earlier.slice(0, REVOKED).map(({ id }) => this.issued.get(id)?.fingerprint ?? '');
    const toIssue = [...this.newRequests(NEW), ...earlier.slice(REVOKED, REVOKED + REPEATED)];
    const again: Ask[] = [
      ...toRevoke.map((fingerprint) => () => this.revoke(fingerprint)),
      ...toIssue.map((one) => () => this.issue(one)),
    ];
    const profiles = Array.from({ length: PROFILES }, () => () => this.frontend.askForProfile());
    const work = [...profiles, ...again];
    if (work.length !== NEW + REPEATED + REVOKED + PROFILES) throw new Error('too few certificates to work with');
    await Promise.allSettled(work.map((ask) => ask()));
    return again;
  }

  /** Whoever has had a certificate before must get the same one again. */
  private async issue(one: Asked): Promise<void> {
    const answer = await this.lab.signingClient.issue(one.id, one.request);
    const before = this.issued.get(one.id);
    if (before !== undefined) expect(answer.certificate).toBe(before.certificate);
    this.issued.set(one.id, answer);
    this.asked.set(one.id, one);
  }

  /** A second answer is the first one again; no lock that a dead process left keeps its CRL waiting. */
  private async revoke(fingerprint: string): Promise<void> {
    const answer = await this.lab.signingClient.revoke({ fingerprint, reason: 'key_compromise' });
    const { revoked_at, log_index } = this.revoked.get(fingerprint) ?? answer;
    expect(answer).toMatchObject({ revoked_at, log_index });
    this.revoked.set(fingerprint, answer);
    expect(answer.crl).toBe('published');
  }

  private newRequests(count: number): Asked[] {
    return Array.from({ length: count }, () => {
      const id = randomUUID();
      const context = { issuance_id: id };
      return { id, request: { csr: this.csr, kind: 'user', common_name: 'Ada Lovelace', context } };
    });
  }

  private unrevoked(): Asked[] {
    return [...this.asked.values()].filter(({ id }) => !this.revoked.has(this.issued.get(id)?.fingerprint ?? ''));
  }
}
