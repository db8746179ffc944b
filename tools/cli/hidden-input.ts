import { StringDecoder } from 'node:string_decoder';
import { Refused } from './refused';

/** Somebody pressed Ctrl-C or Ctrl-D where a secret was asked for. */
export class Interrupted extends Refused {
  override readonly name = 'Interrupted';
}

/** The part of a terminal's input stream that is needed here. */
export interface TerminalInput {
  setRawMode(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ERASE: readonly string[] = ['\u007f', '\b'];
const LINE_END: readonly string[] = ['\r', '\n'];

/** Asks at a terminal without echo. */
export class HiddenInput {
  /** What was pasted behind the end of a line belongs to the next question. */
  private readonly ahead: string[] = [];

  constructor(
    private readonly input: TerminalInput,
    private readonly write: (text: string) => void,
  ) {}

  /** At this process's terminal; undefined where its standard input is something else. */
  static ofProcess(): HiddenInput | undefined {
    if (!process.stdin.isTTY) return undefined;
    return new HiddenInput(process.stdin, (text) => process.stderr.write(text));
  }

  /** One line. @throws Interrupted */
  async ask(question: string): Promise<string> {
    this.write(question);
    this.input.setRawMode(true);
    this.input.resume();
    try {
      return await this.line();
    } finally {
      this.input.setRawMode(false);
      this.input.pause();
      this.write('\n');
    }
  }

  private line(): Promise<string> {
    const decoder = new StringDecoder('utf8');
    const typed: string[] = [];
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        this.input.off('data', take);
        settle();
      };
      const take = (chunk: Buffer): void => {
        this.ahead.push(...Array.from(decoder.write(chunk)));
        for (let key = this.ahead.shift(); key !== undefined; key = this.ahead.shift()) {
          if (LINE_END.includes(key)) {
            finish(() => resolve(typed.join('')));
            return;
          }
          if (key === CTRL_C || key === CTRL_D) {
            finish(() => reject(new Interrupted('Interrupted.')));
            return;
          }
          edit(typed, key);
        }
      };
      this.input.on('data', take);
      take(Buffer.alloc(0));
    });
  }
}

function edit(typed: string[], key: string): void {
  if (ERASE.includes(key)) typed.pop();
  else if (key === CTRL_U) typed.length = 0;
  else typed.push(key);
}
