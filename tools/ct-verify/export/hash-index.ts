const KEY_BYTES = 32;
const KEYS_PER_CHUNK = 4096;
const FIRST_SLOTS = 1024;

/**
 * Numbers 32-byte hashes from 0 in the order in which they come. A million of them take about 40 MB, where a Map of
 * strings would take several times that.
 */
export class HashIndex {
  private count = 0;
  private readonly chunks: Buffer[] = [];
  /** Open addressing; 0 is a free slot, and otherwise the hash's number plus one. */
  private slots = new Uint32Array(FIRST_SLOTS);

  /** The number of a hash that has been added. */
  numberOf(hash: Buffer): number | undefined {
    const found = this.slots[this.slotOf(hash)] ?? 0;
    return found === 0 ? undefined : found - 1;
  }

  /** Answers false, and adds nothing, when the hash is there already. */
  add(hash: Buffer): boolean {
    if (hash.length !== KEY_BYTES) throw new RangeError('a hash must be 32 bytes');
    if (this.count * 2 >= this.slots.length) this.grow();
    const slot = this.slotOf(hash);
    if (this.slots[slot] !== 0) return false;
    if (this.count % KEYS_PER_CHUNK === 0) this.chunks.push(Buffer.alloc(KEYS_PER_CHUNK * KEY_BYTES));
    hash.copy(this.keyAt(this.count));
    this.count += 1;
    this.slots[slot] = this.count;
    return true;
  }

  /** The slot of the hash, or the free one where it would go. */
  private slotOf(hash: Buffer): number {
    const mask = this.slots.length - 1;
    let slot = hash.readUInt32BE(0) & mask;
    for (let found = this.slots[slot]; found !== 0 && found !== undefined; found = this.slots[slot]) {
      if (this.keyAt(found - 1).equals(hash)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private keyAt(number: number): Buffer {
    const chunk = this.chunks[Math.floor(number / KEYS_PER_CHUNK)];
    if (chunk === undefined) throw new RangeError('no hash has this number');
    const start = (number % KEYS_PER_CHUNK) * KEY_BYTES;
    return chunk.subarray(start, start + KEY_BYTES);
  }

  private grow(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let number = 0; number < this.count; number += 1) this.slots[this.slotOf(this.keyAt(number))] = number + 1;
  }
}
