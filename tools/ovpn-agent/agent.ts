import { access, constants } from 'node:fs/promises';
import type { Clock } from '@libs/http';
import type { Logger } from 'pino';
import { Bell } from './bell';
import { CannotRun } from './cannot-run';
import type { AgentConfig } from './config/agent-config';
import { CrlFile } from './crl/crl-file';
import { CrlFolder } from './crl/crl-folder';
import { CrlRounds } from './crl/crl-rounds';
import { FeedFollower } from './feed/feed-follower';
import { FeedLoop } from './feed/feed-loop';
import { ManagerClient } from './feed/manager-client';
import { KnownSessions } from './openvpn/known-sessions';
import { ManagementConnection } from './openvpn/management-connection';
import { SessionGuard } from './openvpn/session-guard';
import { Problems } from './problems';
import { Reporter } from './reporter';
import { readAuthorities, readCertificates, readLogKeys, readSecret } from './secrets';
import { AgentState } from './state/agent-state';
import { Journal } from './state/journal';
import { RevocationStore } from './state/revocation-store';
import { Status } from './status';

const HOUSEKEEPING_MS = 5_000;
/** Rounds of housekeeping from one look at all files to the next. */
const FILES_EVERY = 120;

interface Parts {
  readonly client: ManagerClient;
  readonly feed: FeedLoop;
  readonly crls: CrlRounds | undefined;
  readonly guard: SessionGuard | undefined;
  readonly known: KnownSessions;
  readonly reporter: Reporter;
  readonly status: Status;
}

/** Everything that runs beside one OpenVPN server. Each part goes on whatever happens to the others. */
export class Agent {
  private readonly startedAt: number;

  private constructor(
    private readonly config: AgentConfig,
    private readonly parts: Parts,
    private readonly logger: Logger,
    clock: Clock,
  ) {
    this.startedAt = clock.now().getTime();
  }

  get status(): Status {
    return this.parts.status;
  }

  /** Takes up the last good state. @throws CannotRun when the configuration names what cannot be used */
  static async load(config: AgentConfig, logger: Logger, clock: Clock): Promise<Agent> {
    await access(config.stateDirectory, constants.W_OK | constants.X_OK).catch(() => {
      throw new CannotRun(`${config.stateDirectory} is not a folder that this user may write to`);
    });
    const parts = await assemble(config, logger, clock);
    return new Agent(config, parts, logger, clock);
  }

  /** Works until the signal is given. */
  async run(signal: AbortSignal): Promise<void> {
    const { feed, crls, guard, reporter, known } = this.parts;
    const { sequence, size } = this.status.sources.state.head;
    this.logger.info({ sequence, log_size: size, revocations: this.status.sources.store.size }, 'agent started');
    await Promise.all([
      feed.run(signal),
      crls?.run(signal),
      guard?.run(signal),
      reporter.run(signal),
      this.keepHouse(signal),
    ]);
    await known.saved();
    this.logger.info({ sequence: this.status.sequence }, 'agent stopped');
  }

  /** One round of everything. @returns whether all went well */
  async once(signal: AbortSignal): Promise<boolean> {
    const { feed, crls, guard, reporter, known } = this.parts;
    const results = [await feed.catchUp(signal), (await crls?.round(signal)) ?? true, (await guard?.once()) ?? true];
    this.check();
    results.push(await reporter.report(signal));
    await known.saved();
    return results.every(Boolean) && this.status.sources.problems.codes.length === 0;
  }

  async close(): Promise<void> {
    await this.parts.client.close();
  }

  private check(): void {
    this.parts.feed.checkAge(this.config.staleAfterSeconds * 1_000, this.startedAt);
  }

  private async keepHouse(signal: AbortSignal): Promise<void> {
    for (let round = 1; !signal.aborted; round += 1) {
      await new Bell().wait(HOUSEKEEPING_MS, signal);
      this.check();
      if (round % FILES_EVERY === 0) await this.tidy();
    }
  }

  private async tidy(): Promise<void> {
    const { store, problems } = this.status.sources;
    try {
      await store.expire((serialNumber) => this.parts.crls?.isListed(serialNumber) ?? false);
      const restored = await store.completeFolder();
      if (restored > 0) this.logger.warn({ count: restored }, 'missing files put back');
    } catch (error) {
      problems.raiseFor(error, 'files_not_written');
    }
  }
}

async function assemble(config: AgentConfig, logger: Logger, clock: Clock): Promise<Parts> {
  const problems = new Problems(logger);
  const verifiers = await readLogKeys(config.logKeyFile);
  const folder = config.crlDirectory === undefined ? undefined : new CrlFolder(config.crlDirectory);
  await folder?.check();
  const client = new ManagerClient({
    url: config.manager,
    psk: await readSecret(config.pskFile, 'a pre-shared key'),
    ca: config.tlsCaFile === undefined ? undefined : await readCertificates(config.tlsCaFile),
  });
  const state = await AgentState.load(config.stateDirectory, verifiers[0].name);
  const store = new RevocationStore(state, new Journal(config.stateDirectory), folder, clock);
  await store.load();
  const known = new KnownSessions(config.stateDirectory);
  await known.load();
  const guard = await guardOf(config, { known, store, problems, logger });
  const file = config.crlFile === undefined ? undefined : new CrlFile(config.crlFile, config.stateDirectory);
  const authorities = config.caFile === undefined ? undefined : await readAuthorities(config.caFile);
  const onCurrent = () => {
    guard?.wake();
    reporter.wake();
  };
  const common = { client, state, store, problems, clock };
  const crls =
    authorities &&
    new CrlRounds({ ...common, authorities, file, folder, intervalMs: config.crlIntervalSeconds * 1_000, onCurrent });
  await crls?.load();
  const feed = new FeedLoop({
    ...common,
    follower: new FeedFollower(verifiers),
    waitSeconds: config.waitSeconds,
    onLearned: () => {
      guard?.wake();
      crls?.wake();
    },
    onAdvanced: () => {
      reporter.wake();
    },
  });
  const needsCrls = file !== undefined;
  const status = new Status({ state, store, feed, crls, guard, problems, needsCrls });
  const reporter = new Reporter({
    client,
    status,
    problems,
    name: config.name,
    intervalMs: config.reportIntervalSeconds * 1_000,
  });
  return { client, feed, crls, guard, known, reporter, status };
}

async function guardOf(
  { management: address, managementPasswordFile }: AgentConfig,
  options: Omit<ConstructorParameters<typeof SessionGuard>[0], 'open'>,
): Promise<SessionGuard | undefined> {
  if (address === undefined) return undefined;
  const password =
    managementPasswordFile === undefined ? undefined : await readSecret(managementPasswordFile, 'a password');
  return new SessionGuard({
    ...options,
    open: (onEstablished) => ManagementConnection.open({ address, password, onEstablished }),
  });
}
