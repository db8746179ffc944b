import { EventEmitter } from 'node:events';
import { HiddenInput } from './hidden-input';
import { readSecret } from './secret-source';

class FakeTerminal extends EventEmitter {
  readonly modes: boolean[] = [];
  shown = '';
  readonly hidden = new HiddenInput(this, (text) => {
    this.shown += text;
  });

  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
  resume(): void {
    return undefined;
  }
  pause(): void {
    return undefined;
  }
  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

let terminal: FakeTerminal;
beforeEach(() => {
  terminal = new FakeTerminal();
});

describe('a secret at the terminal', () => {
  it('is read without echo, and the terminal echoes again afterwards', async () => {
    const answer = terminal.hidden.ask('Type it: ');
    terminal.type('sec');
    terminal.type('ret\r');
    expect(await answer).toBe('secret');
    expect(terminal.shown).toBe('Type it: \n');
    expect(terminal.modes).toEqual([true, false]);
  });

  it('can be corrected, in characters of several bytes as well', async () => {
    const answer = terminal.hidden.ask('');
    terminal.type('wrong\u0015grü\u007f\u007frün€');
    terminal.emit('data', Buffer.from('€').subarray(0, 2));
    terminal.emit('data', Buffer.from('€').subarray(2));
    terminal.type('\n');
    expect(await answer).toBe('grün€€');
  });

  it.each(['\u0003', '\u0004'])('is given up on %j', async (key) => {
    const answer = terminal.hidden.ask('');
    terminal.type(`half${key}`);
    await expect(answer).rejects.toThrow('Interrupted.');
    expect(terminal.modes).toEqual([true, false]);
  });

  const request = { what: 'the passphrase', isNew: true };

  it('is asked for twice when it is new, also when both lines are pasted at once', async () => {
    const answer = readSecret({ kind: 'terminal' }, request, terminal.hidden);
    terminal.type('the same\rthe same\r');
    expect(await answer).toBe('the same');
  });

  it('is refused when the second time differs', async () => {
    const answer = readSecret({ kind: 'terminal' }, request, terminal.hidden);
    terminal.type('the same\rnot the same\r');
    await expect(answer).rejects.toThrow('Twice something else was typed for the passphrase.');
  });

  it('cannot be asked for where there is no terminal', async () => {
    await expect(readSecret({ kind: 'terminal' }, request, undefined)).rejects.toThrow(/no terminal/);
  });
});
