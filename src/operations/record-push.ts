import { diskError } from '../core/disk-error.ts';
import { LaunchpadError } from '../core/errors.ts';
import type { Change, PushResult } from '../repository/cluster-repository.ts';
import type { Run } from './preflight.ts';

/** Codes of a push that the remote has refused. */
const REFUSED = ['push-refused', 'push-outrun'];

/**
 * Pushes the change. The record says that the outcome is unknown from when the first commit is built until the push has
 * succeeded or was refused: an answer may be lost, and git be killed.
 *
 * @throws what the push throws
 */
export async function recordPush({ progress, repository }: Run, { message, build }: Change): Promise<PushResult> {
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
    const isRefused = error instanceof LaunchpadError && REFUSED.includes(error.code);
    if (isUnsent || isRefused) progress.record({ effects: { commit: 'no' } });
    throw error;
  }
}
