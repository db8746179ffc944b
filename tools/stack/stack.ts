import { accessSync, constants, mkdirSync } from 'node:fs';
import type { Variables } from '@libs/config';
import {
  DevelopmentData,
  prepareCertTransparency,
  prepareFrontend,
  prepareSigning,
  type Prepared,
} from '@libs/development';
import { StartError } from '@libs/http';
import { provisionLogDatabase } from '../../apps/certtransparency/src/database/provision';
import { DataLock } from './data-lock';
import { ServicePorts, type ServiceName } from './ports';
import { Progress } from './progress';
import { Service } from './services';

export interface StackAddresses {
  readonly frontend: string;
  readonly signing: string;
  readonly certtransparency: string;
  readonly identityProvider: string;
}

interface StackOptions {
  readonly watch: boolean;
  /** A service ended by itself. */
  readonly onServiceExit: (service: Service) => void;
  /** Stop what was started and give up. */
  readonly signal: AbortSignal;
}

/** The whole product on one machine: PostgreSQL, identity provider, PKI, then the log, signing and the frontend. */
export class Stack {
  private readonly stops: (() => Promise<void>)[] = [];
  private readonly progress = new Progress();
  private readonly ports: ServicePorts;
  private readonly variables: Variables;
  readonly data: DevelopmentData;
  private identityProvider = '';

  private constructor(
    environment: Variables,
    private readonly options: StackOptions,
  ) {
    this.ports = new ServicePorts(environment);
    this.variables = this.ports.linked();
    this.data = new DevelopmentData(this.variables);
  }

  /**
   * Whatever was started is stopped again when a step fails.
   * @throws StartError with a sentence for the person at the terminal
   */
  static async start(environment: Variables, options: StackOptions): Promise<Stack> {
    const stack = new Stack(environment, options);
    stack.ports.assertNumbers();
    assertWritable(stack.data.directory);
    const lock = DataLock.take(stack.data.path('stack.lock'), stack.addresses.frontend);
    stack.stops.push(() => {
      lock.release();
      return Promise.resolve();
    });
    try {
      await stack.ports.assertFree();
      await stack.startAll();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  get addresses(): StackAddresses {
    return {
      frontend: this.variables['FRONTEND_PUBLIC_URL'] ?? '',
      signing: this.variables['FRONTEND_SIGNING_URL'] ?? '',
      certtransparency: this.variables['SIGNING_CT_URL'] ?? '',
      identityProvider: this.identityProvider,
    };
  }

  /** In the reverse order of the start, so that nobody misses whom they call. */
  async stop(): Promise<void> {
    for (const stopOne of this.stops.splice(0).reverse()) await stopOne();
  }

  private async startAll(): Promise<void> {
    const { variables } = this;
    const forLog = await this.prepare('PostgreSQL', () => prepareCertTransparency(variables, provisionLogDatabase));
    const forFrontend = await this.prepare('identity provider', () => prepareFrontend(variables));
    const forSigning = await this.prepare('root and intermediate', () => prepareSigning(variables));
    this.identityProvider = forFrontend['OIDC_ISSUER'] ?? '';
    const services = [
      await this.launch('certtransparency', forLog),
      await this.launch('signing', forSigning),
      await this.launch('frontend', forFrontend),
    ];
    for (const service of services) this.reportExit(service);
  }

  private async prepare(title: string, work: () => Promise<Prepared>): Promise<Variables> {
    this.options.signal.throwIfAborted();
    const { variables, stop } = await this.progress.step(title, work);
    this.stops.push(stop);
    return variables;
  }

  private async launch(name: ServiceName, variables: Variables): Promise<Service> {
    this.options.signal.throwIfAborted();
    const service = Service.start({
      name,
      variables,
      watch: this.options.watch,
      logFile: this.data.path('logs', `${name}.log`),
      managementUrl: `http://127.0.0.1:${String(this.ports.managementOf(name))}`,
    });
    this.stops.push(() => service.stop());
    await this.progress.step(name, () => service.ready(this.options.signal));
    return service;
  }

  /** From here on an exit is news, unless we are stopping. */
  private reportExit(service: Service): void {
    service.onExit(() => {
      if (this.stops.length > 0) this.options.onServiceExit(service);
    });
  }
}

function assertWritable(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch {
    throw new StartError(
      `The folder ${directory} cannot be written: make it writable, or set DATA_DIRECTORY to one that is.`,
    );
  }
}
