import { parseArgs } from 'node:util';
import { type Clock, SystemClock } from '@libs/http';
import { pino, stdTimeFunctions } from 'pino';
import { Agent } from './agent';
import { CannotRun } from './cannot-run';
import { readConfig } from './config/agent-config';
import { serveMetrics } from './metrics';

/** The world of a run. */
export interface Surroundings {
  /** The log, a JSON object on each line; and help. */
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Ends the agent. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

export const HELP = `usage: ovpn-agent --config FILE [--once | --check]

Runs beside an OpenVPN server: keeps what crl-verify points at current, ends sessions of revoked certificates through the
management interface, goes on with the last good state while the manager is away, and reports what it has applied.

  --config FILE   YAML; docs/operations/agent.md has every setting
  --once          a single round
  --check         looks whether the configuration can be used, and asks nobody

Exit status: 0 all is well, 1 a round has left a problem, 2 the agent cannot run.
`;

/** `ovpn-agent`: answers the exit status. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const line = commandLine(argv);
    if (line.help) {
      surroundings.stdout(HELP);
      return 0;
    }
    return await work(line, surroundings);
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    surroundings.stderr(`The agent cannot run: ${error.message}.\n`);
    return 2;
  }
}

interface CommandLine {
  readonly config: string;
  readonly once: boolean;
  readonly check: boolean;
  readonly help: boolean;
}

function commandLine(argv: readonly string[]): CommandLine {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      args: [...argv],
      options: { config: { type: 'string' }, once: flag, check: flag, help: { ...flag, short: 'h' } },
    });
    const { config = '', once, check, help } = values;
    if (config === '' && !help) throw new Error('--config is needed');
    if (once && check) throw new Error('--once and --check exclude each other');
    return { config, once, check, help };
  } catch (error) {
    throw new CannotRun(`${(error as Error).message} (ovpn-agent --help)`);
  }
}

async function work({ config: path, once, check }: CommandLine, surroundings: Surroundings): Promise<number> {
  const { stdout, signal, clock = new SystemClock() } = surroundings;
  const config = await readConfig(path);
  const logger = pino(
    { base: { service: 'ovpn-agent', name: config.name }, timestamp: stdTimeFunctions.isoTime },
    { write: stdout },
  );
  const agent = await Agent.load(config, logger, clock);
  const metrics = config.metricsPort === undefined ? undefined : await serveMetrics(agent.status, config.metricsPort);
  if (metrics) logger.info({ url: `http://127.0.0.1:${metrics.port}/metrics` }, 'metrics served');
  try {
    if (check) return 0;
    if (once) return (await agent.once(signal)) ? 0 : 1;
    await agent.run(signal);
    return 0;
  } finally {
    metrics?.close();
    await agent.close();
  }
}
