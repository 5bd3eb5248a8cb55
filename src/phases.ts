import { LaunchpadError } from './errors.ts';
import type { Progress } from './progress.ts';

/** A phase of a run: its title in the log, and what there is when the run is cancelled in it. */
export interface Phase {
  readonly title: string;
  readonly left: string;
}

const NOTHING = 'Nothing was touched.';

/** The phases of a run, in their order. */
export const PHASES = {
  check: { title: 'Check cluster and repository', left: NOTHING },
  lease: { title: 'Take the lease', left: NOTHING },
  read: {
    title: 'Read the instance',
    left: 'Nothing was touched but what an earlier run had left under way.',
  },
  start: {
    title: 'Prepare the namespace and start the workflows',
    left: 'The namespace may be there, and part of what stands in it. Workflows that had started are terminated; what they had made in the databases is kept. Nothing was committed.',
  },
  wait: {
    title: 'Wait for the workflows',
    left: 'Its workflows are terminated; what they had made, databases, users or the bucket, is kept. Nothing was committed.',
  },
  record: {
    title: 'Record the instance',
    left: 'Databases, users and bucket are there, and the commit may be in the cluster repository already; the Application is not applied.',
  },
  apply: {
    title: 'Create the Application',
    left: 'Databases, users and bucket are there and the commit is pushed; the Application may not be applied yet.',
  },
  sync: {
    title: 'Wait for Argo CD',
    left: 'The instance is provisioned and its Application applied; only the wait was ended.',
  },
} satisfies Readonly<Record<string, Phase>>;

/**
 * Runs `work` as a phase of the run. Where a cancellation ends it, the error says in which phase, what there is, and what
 * another run will do.
 */
export async function inPhase<T>(progress: Progress, { title, left }: Phase, work: () => Promise<T>): Promise<T> {
  try {
    return await progress.phase(title, work);
  } catch (error) {
    if (!(error instanceof LaunchpadError) || error.code !== 'cancelled') throw error;
    throw new LaunchpadError('cancelled', `${error.message} It was in the phase "${title}". ${left}`, {
      remedy: 'Run again when you like: it goes on from what is there.',
    });
  }
}
