import { connect, type Socket } from 'node:net';
import type { ManagementAddress } from '../config/agent-config';
import { type EstablishedSession, type ListedSession, NotificationReader, parseStatus } from './management-protocol';

const GREETING_MS = 5_000;
const COMMAND_MS = 5_000;
/** A line longer than that is no line of OpenVPN's. */
const MAX_LINE = 1_048_576;
const PASSWORD_PROMPT = 'ENTER PASSWORD:';

export interface ManagementOptions {
  readonly address: ManagementAddress;
  readonly password: string | undefined;
  readonly onEstablished: (session: EstablishedSession) => void;
}

interface PendingCommand {
  readonly isList: boolean;
  readonly lines: string[];
  readonly done: (lines: readonly string[]) => void;
}

/** One connection to OpenVPN's management interface, which serves one client at a time. Commands are sent one after the other. */
export class ManagementConnection {
  private readonly notifications = new NotificationReader();
  private readonly waiting: PendingCommand[] = [];
  private buffer = '';
  private hasSentPassword = false;
  private onGreeting: (() => void) | undefined;
  /** Why the connection has ended, once it has. */
  private ending: Error | undefined;
  private readonly onEnd = new Set<(reason: Error) => void>();

  private constructor(
    private readonly socket: Socket,
    private readonly options: ManagementOptions,
  ) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.take(text);
    });
    let reason = new Error('OpenVPN has closed the connection');
    socket.once('error', (error) => (reason = error));
    socket.once('close', () => {
      this.ending = reason;
      for (const end of this.onEnd) end(reason);
    });
  }

  /** @throws when there is no OpenVPN, it wants another password, or another client has the interface */
  static async open(options: ManagementOptions): Promise<ManagementConnection> {
    const connection = new ManagementConnection(connect(options.address), options);
    const greeted = new Promise<void>((resolve) => (connection.onGreeting = resolve));
    await connection.settled(greeted, GREETING_MS, 'the management interface is silent: another client may have it');
    return connection;
  }

  async status(): Promise<ListedSession[]> {
    return parseStatus(await this.command('status 3', true));
  }

  /** Whether the command succeeded. */
  async succeeds(command: string): Promise<boolean> {
    const [answer] = await this.command(command, false);
    return answer?.startsWith('SUCCESS:') === true;
  }

  /** What the promise resolves to. @throws the reason when the connection ends before */
  async orEnd<T>(promise: Promise<T>): Promise<T> {
    if (this.ending !== undefined) throw this.ending;
    return new Promise<T>((resolve, reject) => {
      this.onEnd.add(reject);
      promise.finally(() => this.onEnd.delete(reject)).then(resolve, reject);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private async command(text: string, isList: boolean): Promise<readonly string[]> {
    const answer = new Promise<readonly string[]>((done) => this.waiting.push({ isList, lines: [], done }));
    this.socket.write(`${text}\n`);
    return this.settled(answer, COMMAND_MS, `OpenVPN does not answer the command ${text.split(' ')[0] ?? ''}`);
  }

  /** Waits no longer than it makes sense; after that the answers could not be told apart any more. */
  private async settled<T>(promise: Promise<T>, milliseconds: number, complaint: string): Promise<T> {
    const timer = setTimeout(() => this.socket.destroy(new Error(complaint)), milliseconds);
    try {
      return await this.orEnd(promise);
    } finally {
      clearTimeout(timer);
    }
  }

  private take(text: string): void {
    this.buffer += text;
    if (this.buffer.startsWith(PASSWORD_PROMPT)) {
      this.buffer = this.buffer.slice(PASSWORD_PROMPT.length);
      this.sendPassword();
    }
    const lines = this.buffer.split('\n');
    this.buffer = lines.pop() ?? '';
    if (this.buffer.length > MAX_LINE) this.socket.destroy(new Error('this is not a management interface'));
    for (const line of lines) this.line(line.replace(/\r$/, ''));
  }

  private sendPassword(): void {
    const { password } = this.options;
    if (password === undefined) this.socket.destroy(new Error('the management interface wants a password'));
    // OpenVPN says nothing of a wrong one: it asks again.
    else if (this.hasSentPassword) this.socket.destroy(new Error('the management password is wrong'));
    else this.socket.write(`${password}\n`);
    this.hasSentPassword = true;
  }

  private line(line: string): void {
    if (this.onGreeting !== undefined) {
      if (!line.startsWith('>INFO:')) return;
      this.onGreeting();
      this.onGreeting = undefined;
    } else if (line.startsWith('>')) {
      const established = this.notifications.read(line);
      if (established) this.options.onEstablished(established);
    } else this.answer(line);
  }

  private answer(line: string): void {
    const [pending] = this.waiting;
    if (pending === undefined) return;
    const isEnd = pending.isList ? line === 'END' || line.startsWith('ERROR:') : /^(SUCCESS|ERROR):/.test(line);
    pending.lines.push(line);
    if (!isEnd) return;
    this.waiting.shift();
    pending.done(pending.lines);
  }
}
