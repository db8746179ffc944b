import type { PageRevocation } from '@libs/contracts';

/** An expired certificate is refused as such; its revocation is kept for a day more, against clocks that differ. */
const GRACE_MS = 86_400_000;

/** A revocation as it is kept: there may be hundreds of thousands. */
interface Kept {
  readonly index: number;
  /** Position in the list of issuers. */
  readonly issuer: number;
  readonly reason: number;
  readonly revokedAt: number;
  readonly notAfter: number;
}

/** The revocations that still matter, by serial number: 20 random bytes, so that one set serves all issuers. */
export class RevocationSet {
  private readonly bySerial = new Map<string, Kept>();
  private readonly issuers: string[] = [];

  get size(): number {
    return this.bySerial.size;
  }

  /** @param serialNumber upper-case hex */
  has(serialNumber: string): boolean {
    return this.bySerial.has(serialNumber);
  }

  /** Answers whether it still matters. */
  add(revocation: PageRevocation, now: Date): boolean {
    const { serialNumber, index, issuer, reason, revokedAt, notAfter } = revocation;
    if (isOver(notAfter.getTime(), now)) return false;
    if (!this.has(serialNumber)) {
      const times = { revokedAt: revokedAt.getTime(), notAfter: notAfter.getTime() };
      this.bySerial.set(ownCopy(serialNumber), { index, issuer: this.positionOf(issuer), reason, ...times });
    }
    return true;
  }

  /** Forgets those whose certificates have expired, and answers their serial numbers. */
  expire(now: Date): string[] {
    const over = [...this.bySerial].filter(([, { notAfter }]) => isOver(notAfter, now)).map(([serial]) => serial);
    for (const serialNumber of over) this.bySerial.delete(serialNumber);
    return over;
  }

  serialNumbers(): Iterable<string> {
    return this.bySerial.keys();
  }

  *values(): Generator<PageRevocation> {
    for (const [serialNumber, { index, issuer, reason, revokedAt, notAfter }] of this.bySerial) {
      const times = { revokedAt: new Date(revokedAt), notAfter: new Date(notAfter) };
      yield { index, issuer: this.issuers[issuer] ?? '', serialNumber, reason, ...times };
    }
  }

  private positionOf(issuer: string): number {
    const position = this.issuers.indexOf(issuer);
    return position >= 0 ? position : this.issuers.push(ownCopy(issuer)) - 1;
  }
}

/** A part of a longer text would keep all of it in memory. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function isOver(notAfter: number, now: Date): boolean {
  return notAfter + GRACE_MS < now.getTime();
}
