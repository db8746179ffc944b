import { openRevocationPage, type RevocationPage } from '@libs/contracts';
import { type NoteVerifier, TlogError, verifyConsistency } from '@libs/tlog';
import { AgentProblem } from '../problems';
import type { Head } from '../state/agent-state';

/** Takes a page of the manager for what the log has signed, or not at all. */
export class FeedFollower {
  constructor(private readonly verifiers: readonly NoteVerifier[]) {}

  /**
   * The page in a note that was asked for from this head.
   * @throws AgentProblem when it is not signed by the log, answers another question, or is of a log that is smaller than one
   * that was seen before or does not begin with it
   */
  accept(note: string, head: Head): RevocationPage {
    const page = this.open(note);
    if (page.since !== head.sequence || page.extends !== head.size) {
      throw new AgentProblem('page_invalid', 'the page answers another question');
    }
    if (page.size < head.size) {
      throw new AgentProblem('log_shrunk', `the log had ${head.size} entries and has ${page.size}`);
    }
    assertExtended(page, head);
    return page;
  }

  private open(note: string): RevocationPage {
    try {
      return openRevocationPage(note, this.verifiers);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      throw new AgentProblem('page_invalid', `the page is not good: ${error.message}`, { cause: error });
    }
  }
}

function assertExtended({ size, root, proof }: RevocationPage, head: Head): void {
  if (head.size === 0) return;
  try {
    verifyConsistency({
      from: head.size,
      to: size,
      fromRoot: Buffer.from(head.root, 'base64'),
      toRoot: root,
      proof: size === head.size ? [] : proof,
    });
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    const sizes = `the log of ${size} entries does not begin with the one of ${head.size}`;
    throw new AgentProblem('log_forked', `${sizes}: ${error.message}`, { cause: error });
  }
}

/** Where the agent is once it has applied the page. */
export function headAfter(page: RevocationPage): Head {
  const { next, size, root, issuedAt } = page;
  return { sequence: next, size, root: root.toString('base64'), issuedAt: issuedAt.toISOString() };
}
