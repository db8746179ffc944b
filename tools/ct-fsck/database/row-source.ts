/** Rows of a table in order, each as the bytes of one tuple: count of fields, then length and bytes of each. */
export interface RowSource {
  /** The next row when it is at hand; `peek` waits for it. */
  readonly head: Buffer | undefined;
  /** Nothing is left, and nothing will come. */
  readonly isDone: boolean;
  /** The next row without taking it; undefined when there are no more. It stays what it is until the row after it is asked for. */
  peek(): Promise<Buffer | undefined>;
  /** Goes on behind the row that `peek` answered. */
  skip(): void;
  /** Takes a row. */
  next(): Promise<Buffer | undefined>;
}
