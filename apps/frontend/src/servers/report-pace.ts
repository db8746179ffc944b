const WINDOW_MS = 10_000;
const REPORTS_PER_WINDOW = 40;

/** How often the servers of one PSK may report to this replica. Held in memory: it spares the database, and forgets nothing that matters. */
export class ReportPace {
  private readonly counts = new Map<string, number>();
  private windowEnds = 0;

  /** Counts a report. Answers the seconds to wait when it is one too many. */
  delaySeconds(pskId: string, now: Date): number | undefined {
    const time = now.getTime();
    if (time >= this.windowEnds) {
      this.counts.clear();
      this.windowEnds = time + WINDOW_MS;
    }
    const count = (this.counts.get(pskId) ?? 0) + 1;
    this.counts.set(pskId, count);
    return count > REPORTS_PER_WINDOW ? Math.max(1, Math.ceil((this.windowEnds - time) / 1000)) : undefined;
  }
}
