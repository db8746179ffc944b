import type { Clock } from '@libs/http';
import type { Issuer } from '@libs/pki';
import { Bell } from '../bell';
import type { ManagerClient } from '../feed/manager-client';
import { AgentProblem, type Problems } from '../problems';
import type { AgentState } from '../state/agent-state';
import type { RevocationStore } from '../state/revocation-store';
import { type GoodBundle, type GoodCrl, readBundle } from './crl-bundle';
import type { CrlFile } from './crl-file';
import type { CrlFolder } from './crl-folder';

/** While the CRL lacks a revocation that the feed has. */
const HURRY_MS = 400;
const HURRY_FOR_MS = 30_000;
const SLOW_HURRY_MS = 5_000;
/** Part of its lifetime that a CRL must still have. */
const RESERVE = 0.2;

export interface CrlOptions {
  readonly client: Pick<ManagerClient, 'crls'>;
  readonly authorities: readonly Issuer[];
  readonly file: CrlFile | undefined;
  readonly folder: CrlFolder | undefined;
  readonly state: AgentState;
  readonly store: RevocationStore;
  readonly problems: Problems;
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Called when the server's revocation list is as new as the feed. */
  readonly onCurrent: () => void;
}

/** Keeps the CRLs beside the server current. Whatever is served and not good is a problem, and what was good stays. */
export class CrlRounds {
  private readonly bell = new Bell();
  private bundle: GoodBundle | undefined;
  private etag: string | undefined;
  private lagsSince: number | undefined;

  constructor(private readonly options: CrlOptions) {}

  get crls(): readonly GoodCrl[] {
    return this.bundle?.crls ?? [];
  }

  /** To be called when something has been revoked. */
  wake(): void {
    this.bell.ring();
  }

  isListed(serialNumber: string): boolean {
    return this.crls.some(({ serialNumbers }) => serialNumbers.has(serialNumber));
  }

  /** Every revocation with a smaller log index stands on a CRL beside the server, or needs not. */
  get sequence(): number {
    if (this.bundle === undefined) return 0;
    return Math.min(this.options.state.head.sequence, ...this.missing().map(({ index }) => index));
  }

  /** Takes up what lay there when the agent last ran, and puts it back where somebody has damaged it. */
  async load(): Promise<void> {
    const { file, problems } = this.options;
    const text = await file?.lastGood();
    if (text === undefined) return;
    try {
      this.bundle = this.read(text);
      await file?.restore(this.bundle.pem);
    } catch (error) {
      problems.raiseFor(error, 'crl_not_written');
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.round(signal);
      await this.bell.wait(this.pause(), signal);
    }
  }

  /** @returns whether what lies beside the server is good and as new as what is served */
  async round(signal: AbortSignal): Promise<boolean> {
    const { client, file, problems } = this.options;
    try {
      const served = await client.crls(this.etag, signal);
      if (served !== undefined) {
        await this.adopt(this.read(served.text));
        this.etag = served.etag;
      } else if (this.bundle !== undefined) await file?.restore(this.bundle.pem);
      problems.clear('crl_unavailable', 'crl_invalid', 'crl_older', 'crl_not_written');
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const isManagers = error instanceof AgentProblem && !error.code.startsWith('crl_');
      if (isManagers) problems.raise('crl_unavailable', error.message);
      else problems.raiseFor(error, 'crl_not_written');
      return false;
    } finally {
      await this.compare();
    }
  }

  private read(text: string): GoodBundle {
    const { authorities, state, clock } = this.options;
    const bundle = readBundle(text, { authorities, floors: state.crls, now: clock.now() });
    for (const crl of bundle.crls) this.assertNobodyLeft(crl);
    return bundle;
  }

  /** A certificate leaves a CRL by expiry, and in no other way. */
  private assertNobodyLeft(crl: GoodCrl): void {
    const before = this.crls.find(({ issuer }) => issuer === crl.issuer)?.serialNumbers;
    if (before === undefined) return;
    for (const { serialNumber, issuer, notAfter } of this.options.store.values()) {
      const isLost = issuer === crl.issuer && before.has(serialNumber) && !crl.serialNumbers.has(serialNumber);
      if (!isLost || notAfter < crl.thisUpdate) continue;
      throw new AgentProblem('crl_invalid', `CRL ${crl.floor.number} has lost a certificate that has not expired`);
    }
  }

  private async adopt(bundle: GoodBundle): Promise<void> {
    const { file, folder, state, problems } = this.options;
    if (bundle.strangers === 0) problems.clear('crl_unknown_ca');
    else
      problems.raise('crl_unknown_ca', 'there are CRLs of CAs that ca_file does not have: they are passed on unread');
    await file?.write(bundle.pem);
    // In the folder it is the only word about CAs that were revoked: no log has them.
    for (const { serialNumbers } of bundle.crls)
      await folder?.add([...serialNumbers].filter((one) => !this.isListed(one)));
    this.bundle = bundle;
    const floors = Object.fromEntries(bundle.crls.map(({ issuer, floor }) => [issuer, floor]));
    await state.change(({ crls }) => ({ crls: { ...crls, ...floors } }));
  }

  /** Revocations of the feed that should stand on a CRL, and do not. */
  private missing(): { readonly index: number }[] {
    const byIssuer = new Map(this.crls.map((crl) => [crl.issuer, crl]));
    return [...this.options.store.values()].filter(({ issuer, serialNumber, notAfter }) => {
      const crl = byIssuer.get(issuer);
      return crl !== undefined && notAfter >= crl.thisUpdate && !crl.serialNumbers.has(serialNumber);
    });
  }

  private async compare(): Promise<void> {
    const { clock, problems, store, onCurrent } = this.options;
    const now = clock.now().getTime();
    const lags = this.options.file !== undefined && this.missing().length > 0;
    if (lags) this.lagsSince ??= now;
    else if (this.lagsSince !== undefined) {
      this.lagsSince = undefined;
      await store.markApplied().catch(() => undefined);
      onCurrent();
    }
    if (!lags) problems.clear('crl_lags');
    else if (now - (this.lagsSince ?? now) > HURRY_FOR_MS)
      problems.raise('crl_lags', 'the CRLs lack revocations of the log');
    const isEnding = this.crls.some(({ thisUpdate, nextUpdate }) => {
      return nextUpdate.getTime() - now < RESERVE * (nextUpdate.getTime() - thisUpdate.getTime());
    });
    if (isEnding) problems.raise('crl_expires', 'a CRL is about to expire, and OpenVPN will then refuse everybody');
    else problems.clear('crl_expires');
  }

  private pause(): number {
    if (this.lagsSince === undefined) return this.options.intervalMs;
    const lagged = this.options.clock.now().getTime() - this.lagsSince;
    return lagged < HURRY_FOR_MS ? HURRY_MS : SLOW_HURRY_MS;
  }
}
