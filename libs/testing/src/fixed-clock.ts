import { Clock } from '@libs/http';

/** A clock that stands still until told otherwise. */
export class FixedClock extends Clock {
  constructor(private time: Date = new Date()) {
    super();
  }

  now(): Date {
    return new Date(this.time);
  }

  advance(seconds: number): void {
    this.time = new Date(this.time.getTime() + seconds * 1000);
  }

  set(time: Date): void {
    this.time = time;
  }
}
