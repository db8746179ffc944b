/** The conditions of a statement and their parameters; each `?` of a condition stands for the next value. */
export class Conditions {
  readonly parameters: unknown[];
  private readonly conditions: string[] = [];

  /** @param before parameters of a statement that these conditions are put around */
  constructor(before: readonly unknown[] = []) {
    this.parameters = [...before];
  }

  add(condition: string, ...values: readonly unknown[]): void {
    const rest = [...values];
    const numbered = condition.replaceAll('?', () => {
      this.parameters.push(rest.shift());
      return `$${String(this.parameters.length)}`;
    });
    this.conditions.push(numbered);
  }

  /** Adds nothing where there is no value. */
  addGiven<T>(condition: string, value: T | undefined, convert: (value: T) => unknown = (given) => given): void {
    if (value !== undefined) this.add(condition, convert(value));
  }

  /** `(a, b) < (1, 2)`, in the order of an index. */
  addRow(columns: readonly string[], operator: '<' | '>=', values: readonly unknown[]): void {
    this.add(`(${columns.join(', ')}) ${operator} (${columns.map(() => '?').join(', ')})`, ...values);
  }

  get sql(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }
}
