import { actorCommitment, canonicalJson, commitmentToJson, type Leaf, NO_COMMITMENT, TlogError } from '@libs/tlog';
import type { RowSource } from './database/row-source';
import { decodeRow, differingColumns, encodeRow, leadingNumber, type WireValue, wire } from './database/wire-row';
import { CONTEXTS, typeNumber } from './expected-rows';
import type { Findings } from './findings';

const TABLE = CONTEXTS.table;
const SALT_BYTES = 32;

/** The columns that are searched and computed from the JSON. */
const SEARCHED = ['issuance_id', 'user_id', 'psk_id'] as const;

/**
 * Private contexts against the commitments in the leaves. They may be erased, which takes the row away and leaves a
 * record that it was: a context that is neither there nor recorded as erased has been lost.
 */
export class ContextAudit {
  opened = 0;
  erased = 0;

  constructor(
    private readonly rows: RowSource,
    private readonly erasures: RowSource,
    private readonly findings: Findings,
  ) {}

  /** Indexes must rise from call to call. */
  async check(index: number, leaf: Leaf): Promise<void> {
    const row = await this.rowOf(this.rows, index, (number) => {
      this.report(number, 'row_unfounded', 'there is no entry for this context');
    });
    const isErased = !this.erasures.isDone && (await this.isErased(index));
    const isCommitted = !leaf.commitment.equals(NO_COMMITMENT);
    if (isErased && !isCommitted) this.reportErasure(index, 'the entry never had a context');
    if (row !== undefined) this.checkRow(index, leaf, row, isErased);
    else if (isErased) this.erased += 1;
    else if (isCommitted) this.report(index, 'context_missing', 'the context is gone without a record of its erasure');
  }

  async finish(): Promise<void> {
    await this.check(Infinity, NOTHING);
  }

  private async isErased(index: number): Promise<boolean> {
    const row = await this.rowOf(this.erasures, index, (number) => {
      this.reportErasure(number, 'there is no entry for this erasure');
    });
    return row !== undefined;
  }

  private checkRow(index: number, leaf: Leaf, row: Buffer, isErased: boolean): void {
    const [, , salt = null, context = null] = decodeRow(row);
    if (isErased) this.report(index, 'context_erased', 'the context is recorded as erased and still there');
    if (salt?.length !== SALT_BYTES || context === null) {
      this.report(index, 'context_malformed', 'salt or context is malformed');
      return;
    }
    if (!commitmentToJson(salt, context).equals(leaf.commitment)) {
      this.report(index, 'commitment_differs', 'salt and context do not open the commitment of the leaf');
      return;
    }
    const members = membersOf(context.toString());
    if (members === undefined) {
      this.report(index, 'context_malformed', 'the context is not an object in canonical JSON');
      return;
    }
    this.checkActor(index, leaf, salt, members);
    this.checkColumns(index, leaf, row, { salt, context, members });
    this.opened += 1;
  }

  private checkActor(index: number, leaf: Leaf, salt: Buffer, members: Members): void {
    if (leaf.type !== 'revoked') return;
    const { actor } = members;
    const expected = typeof actor === 'string' ? actorCommitment(salt, actor) : NO_COMMITMENT;
    if (leaf.actorCommitment.equals(expected)) return;
    this.report(index, 'actor_differs', 'the actor in the context does not open the commitment of the leaf');
  }

  private checkColumns(
    index: number,
    leaf: Leaf,
    row: Buffer,
    { salt, context, members }: { salt: Buffer; context: Buffer; members: Members },
  ): void {
    const searched = SEARCHED.map((name) => asText(members[name]));
    const expected = encodeRow([wire.int8(index), typeNumber(leaf), salt, context, ...searched]);
    if (row.equals(expected)) return;
    const differing = differingColumns(CONTEXTS.columns, row, expected);
    this.report(index, 'row_differs', `${differing.join(', ')} not as leaf and context say`);
  }

  /** The row of this index; rows before it that nobody asked for are told. */
  private async rowOf(rows: RowSource, index: number, tell: (number: number) => void): Promise<Buffer | undefined> {
    for (let row = rows.head ?? (await rows.peek()); row !== undefined; row = await rows.peek()) {
      const number = leadingNumber(row);
      if (number > index) return undefined;
      rows.skip();
      if (number === index) return row;
      tell(number);
    }
    return undefined;
  }

  private report(index: number, code: string, detail: string): void {
    this.findings.add({ table: TABLE, index, code, detail });
  }

  private reportErasure(index: number, detail: string): void {
    this.findings.add({ table: 'ct.erasure', index, code: 'row_unfounded', detail });
  }
}

type Members = Readonly<Record<string, unknown>>;

/** Of what is canonical to the byte; undefined for anything else. */
function membersOf(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const members = value as Members;
    return isFlatAndCanonical(members, text) || canonicalJson(value) === text ? members : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TlogError) return undefined;
    throw error;
  }
}

/** What nearly all contexts are, told without printing them member by member: texts under sorted names. */
function isFlatAndCanonical(members: Members, text: string): boolean {
  let last = '';
  for (const name in members) {
    if (name < last || typeof members[name] !== 'string') return false;
    last = name;
  }
  // Half a surrogate pair is escaped, and no text.
  return JSON.stringify(members) === text && !text.includes('\\ud');
}

/** As the database's `->>` answers it. */
function asText(value: unknown): WireValue {
  if (value === undefined || value === null) return null;
  return wire.text(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Stands behind the last entry: nothing belongs to it. */
const NOTHING: Leaf = {
  type: 'key_rotation',
  loggedAt: 0,
  commitment: Buffer.from(NO_COMMITMENT),
  verifierKey: '',
};
