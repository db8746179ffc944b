import { randomUUID } from 'node:crypto';

type Members = Readonly<Record<string, unknown>>;

const REFERENCE = /\$(\w+)\.([\w.-]+\w)/g;
const WHOLE = /^\$(\w+)\.([\w.-]+\w)$/;

/**
 * What later requests refer to: `$key.secret` is the member `secret` of what was kept as `key`, `$list.items.0.id` a member within.
 * `$uuid.<any name>` is a new UUID, the same wherever that name stands.
 */
export class KeptAnswers {
  private readonly kept = new Map<string, Members>();
  private readonly uuids = new Map<string, string>();

  keep(name: string, members: Members): void {
    this.kept.set(name, members);
  }

  /** The value with all that its texts refer to. A text that is nothing but a reference becomes what it refers to, of whatever type. */
  resolve<T>(value: T): T {
    return this.resolved(value) as T;
  }

  private resolved(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.resolved(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.resolved(member)]));
  }

  private text(text: string): unknown {
    const whole = WHOLE.exec(text);
    if (whole !== null) return this.member(whole[1] ?? '', whole[2] ?? '');
    return text.replace(REFERENCE, (_, name: string, path: string) => String(this.member(name, path)));
  }

  private member(name: string, path: string): unknown {
    if (name === 'uuid') return this.uuid(path);
    let value: unknown = this.kept.get(name);
    for (const step of path.split('.')) {
      value = typeof value === 'object' && value !== null ? (value as Members)[step] : undefined;
    }
    if (value === undefined) throw new Error(`nothing is kept as $${name}.${path}`);
    return value;
  }

  private uuid(name: string): string {
    const uuid = this.uuids.get(name) ?? randomUUID();
    this.uuids.set(name, uuid);
    return uuid;
  }
}
