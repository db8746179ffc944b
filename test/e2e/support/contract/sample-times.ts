/** What the first moment of a run becomes. In the middle of an hour, so that what happens a little later or earlier is in the same one. */
const FIRST_MOMENT = Date.parse('2026-03-02T09:25:00.000Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const ISO = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z/g;
const DAY = /\b20\d{2}-\d{2}-\d{2}\b(?!T)/g;
const HTTP = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT/g;

/** Puts the times of a run where those of every run are: as far from each other, in whole hours. */
export class SampleTimes {
  constructor(private readonly startMs: number) {}

  in(text: string): string {
    const days = (day: string) => new Date(Date.parse(day) + this.daysToFirst() * DAY_MS).toISOString().slice(0, 10);
    return text
      .replace(DAY, days)
      .replace(ISO, (time, milliseconds?: string) => {
        const sample = this.moved(time).toISOString();
        return milliseconds === undefined ? sample.replace('.000Z', 'Z') : sample;
      })
      .replace(HTTP, (time) => this.moved(time).toUTCString());
  }

  private moved(time: string): Date {
    const moved = Date.parse(time) - this.startMs + FIRST_MOMENT;
    return new Date(Math.floor(moved / HOUR_MS) * HOUR_MS);
  }

  private daysToFirst(): number {
    return Math.floor(FIRST_MOMENT / DAY_MS) - Math.floor(this.startMs / DAY_MS);
  }
}
