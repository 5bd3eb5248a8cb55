import { diskError } from '../core/disk-error.ts';
import { LaunchpadError } from '../core/errors.ts';
import type { Change, PushResult } from '../repository/cluster-repository.ts';
import type { Run } from './preflight.ts';

/** Codes of a push that the remote may have taken although no answer says so. */
const NO_ANSWER = ['push-unknown', 'repository-unreachable', 'rate-limited', 'push-failed'];

/**
 * Pushes the change. The record says that the outcome is unknown from when the first commit is built until the push has
 * succeeded or was refused: an answer may be lost, and git be killed.
 *
 * @param signal ends git
 * @throws what the push throws
 */
export async function recordPush(
  { progress, repository }: Pick<Run, 'progress' | 'repository'>,
  { message, build }: Change,
  signal: AbortSignal,
): Promise<PushResult> {
  let built = 0;
  const change: Change = {
    message,
    build: async (head) => {
      const files = await build(head);
      built += 1;
      progress.record({ effects: { commit: 'unknown' } });
      return files;
    },
  };
  try {
    const push = await repository.push(change);
    progress.record({ effects: { commit: 'yes' } });
    return push;
  } catch (error) {
    // A disk that is full ends the first attempt before git has sent anything.
    const isUnsent = built === 1 && diskError(error) !== undefined;
    const isAnswered = error instanceof LaunchpadError && !NO_ANSWER.includes(error.code);
    if (!signal.aborted && (isUnsent || isAnswered)) progress.record({ effects: { commit: 'no' } });
    throw error;
  }
}
