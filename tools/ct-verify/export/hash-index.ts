const KEYS_PER_CHUNK = 4096;
const FIRST_SLOTS = 1024;

/**
 * Numbers hashes of one length, or what is as random as they are, from 0 in the order in which they come. A million of them take about 40 MB, where a Map of
 * strings would take several times that.
 */
export class HashIndex {
  private count = 0;
  private readonly chunks: Buffer[] = [];
  /** Open addressing; 0 is a free slot, and otherwise the hash's number plus one. */
  private slots = new Uint32Array(FIRST_SLOTS);

  constructor(private readonly keyBytes = 32) {}

  /** The number of a hash that has been added. */
  numberOf(hash: Buffer): number | undefined {
    const found = this.slots[this.slotOf(hash)] ?? 0;
    return found === 0 ? undefined : found - 1;
  }

  /** Answers false, and adds nothing, when the hash is there already. */
  add(hash: Buffer): boolean {
    if (hash.length !== this.keyBytes) throw new RangeError(`a hash must be ${this.keyBytes} bytes`);
    if (this.count * 2 >= this.slots.length) this.grow();
    const slot = this.slotOf(hash);
    if (this.slots[slot] !== 0) return false;
    if (this.count % KEYS_PER_CHUNK === 0) this.chunks.push(Buffer.alloc(KEYS_PER_CHUNK * this.keyBytes));
    this.chunkOf(this.count).set(hash, this.startOf(this.count));
    this.count += 1;
    this.slots[slot] = this.count;
    return true;
  }

  /** The slot of the hash, or the free one where it would go. */
  private slotOf(hash: Buffer): number {
    const mask = this.slots.length - 1;
    const head = hash.readUInt32BE(0);
    let slot = head & mask;
    for (let found = this.slots[slot]; found !== 0 && found !== undefined; found = this.slots[slot]) {
      if (this.headOf(found - 1) === head && this.isAt(found - 1, hash)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private isAt(number: number, hash: Buffer): boolean {
    const start = this.startOf(number);
    return this.chunkOf(number).compare(hash, 0, hash.length, start, start + this.keyBytes) === 0;
  }

  private headOf(number: number): number {
    return this.chunkOf(number).readUInt32BE(this.startOf(number));
  }

  private chunkOf(number: number): Buffer {
    const chunk = this.chunks[Math.floor(number / KEYS_PER_CHUNK)];
    if (chunk === undefined) throw new RangeError('no hash has this number');
    return chunk;
  }

  private startOf(number: number): number {
    return (number % KEYS_PER_CHUNK) * this.keyBytes;
  }

  /** All hashes differ, so each goes to the first free slot. */
  private grow(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.count; number += 1) {
      let slot = this.headOf(number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.slots = slots;
  }
}
