import type { Change, PushResult } from '../repository/cluster-repository.ts';
import type { Run } from './preflight.ts';

/**
 * Pushes the change. The record says whether the commit has arrived, from when it is sent: an answer may be lost, and git
 * be killed.
 *
 * @throws what the push throws
 */
export async function recordPush(
  { progress, repository }: Pick<Run, 'progress' | 'repository'>,
  change: Omit<Change, 'onUnknown'>,
): Promise<PushResult> {
  const onUnknown = (isUnknown: boolean) => progress.record({ effects: { commit: isUnknown ? 'unknown' : 'no' } });
  const push = await repository.push({ ...change, onUnknown });
  progress.record({ effects: { commit: 'yes' } });
  return push;
}
