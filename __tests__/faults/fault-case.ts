import type { RunOptions } from '../scenarios/world.ts';
import type { Stage } from './stage.ts';

/**
 * How the run that meets the fault ends. `green`: it does its work all the same. `red`: it ends with one clear error.
 * `either`: the fault decides. `killed`: it cannot say how it ended.
 */
type Ending = 'green' | 'red' | 'either' | 'killed';

/** One fault in one whole run: a row of docs/reliability.md. */
export interface FaultCase {
  /** What goes wrong, and where: the row's name, unlike any other's. */
  readonly fault: string;
  readonly operation?: 'provision' | 'deprovision';
  readonly ends: Ending;
  /** Prepares the fault; the run has not begun. */
  readonly arm: (stage: Stage) => void | Promise<void>;
  /** Goes on with it while the run is under way; it ends when the run does. */
  readonly during?: (stage: Stage) => Promise<unknown>;
  /** Ends what `arm` began and `Stage.mend` does not know of. */
  readonly mend?: (stage: Stage) => Promise<unknown>;
  readonly options?: (stage: Stage) => RunOptions;
  /** Who runs MongoDB; without it the settings' own server. */
  readonly provider?: 'digitalocean' | 'atlas';
  /** What the first error of a red run must name. */
  readonly error?: RegExp;
  /** What the log must have besides. */
  readonly log?: RegExp;
  /** Whether the fault keeps the run from cleaning up: then the next one does. */
  readonly leavesRest?: boolean;
  /** Longest time in seconds for the run that meets the fault; without it 120. */
  readonly within?: number;
  /** The next run begins at once, and waits until the Lease of this one has ended. */
  readonly atOnce?: boolean;
  /** Another run of the instance is under way too: one that does the same, or one that undoes it. */
  readonly beside?: 'same' | 'opposite';
  /** Runs on a real cluster too. */
  readonly lab?: boolean;
}

/** The cases of one subject: a section of docs/reliability.md. */
export interface Section {
  readonly title: string;
  readonly cases: readonly FaultCase[];
}

/** What holds in that case, in words. */
export function whatHolds({
  ends,
  operation = 'provision',
  leavesRest = false,
  atOnce = false,
  beside,
}: FaultCase): string {
  const whole = operation === 'provision' ? 'the instance is complete' : 'nothing of the instance is left';
  if (beside !== undefined) return `Both runs succeed, one after the other. The next run succeeds: ${whole}.`;
  if (ends === 'green') return `The run succeeds: ${whole}. Another run changes nothing.`;
  const left = leavesRest
    ? `The next run ${atOnce ? 'waits until the Lease has ended, ' : ''}cleans up`
    : 'It leaves no pod, no Lease and no temporary Secret; the next run';
  const finish = `${left}${leavesRest ? ' and' : ''} succeeds: ${whole}.`;
  if (ends === 'killed') return `The run is killed. ${finish}`;
  return `${ends === 'red' ? 'The run fails.' : 'The run succeeds or fails.'} ${finish}`;
}
