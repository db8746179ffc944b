/** One thing about an existing CA that is not as ours would be. */
export interface Finding {
  /** Of the check, kebab-case. */
  readonly id: string;
  /** Whether the CA cannot be used because of it. */
  readonly blocks: boolean;
  /** A sentence. */
  readonly text: string;
}

export const blocking = (id: string, text: string): Finding => ({ id, blocks: true, text });
export const remark = (id: string, text: string): Finding => ({ id, blocks: false, text });
