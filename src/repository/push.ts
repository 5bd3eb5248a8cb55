import { LaunchpadError } from '../core/errors.ts';
import type { BranchHead } from './branch-head.ts';
import { type CommitOptions, createCommit, type FilesOfChange, stageChange } from './commit.ts';
import type { Git } from './git.ts';
import { classify } from './refusals.ts';
import { failedAttempt, type Remote, retryTransient, TRIES } from './remote.ts';

/** What a push came to; `commit` is the one of the branch that has the files. */
export interface PushResult {
  readonly kind: 'pushed' | 'unchanged';
  readonly commit: string;
}

export interface Change {
  readonly message: string;
  /**
   * The files to change on this branch head. It is called again for each newer head; an error of it ends the push, and
   * nothing is pushed.
   */
  readonly build: (head: BranchHead) => Promise<FilesOfChange>;
}

/** What a push needs of the repository. */
interface PushContext {
  readonly git: Git;
  readonly remote: Remote;
  readonly author: CommitOptions['author'];
  readonly fetchHead: () => Promise<BranchHead>;
}

/**
 * Creates one commit with the change on top of the newest branch head and pushes it. If another process pushed first it is
 * created again on the newer head. If the remote has exactly this already there is nothing to do; perhaps an earlier push
 * arrived and only its answer was lost.
 *
 * @throws LaunchpadError `push-refused`, `push-failed`, `push-outrun` or `repository-unreachable`, and whatever `build`
 *   throws
 */
export async function pushChange(
  { git, remote, author, fetchHead }: PushContext,
  { message, build }: Change,
): Promise<PushResult> {
  let mine: string | undefined;
  return await retryTransient(remote, async (): Promise<PushResult> => {
    const head = await fetchHead();
    if (head.commit === mine) return { kind: 'pushed', commit: mine };
    const staged = await stageChange(git, head, await build(head));
    if (staged.isUnchanged) return { kind: mine === undefined ? 'unchanged' : 'pushed', commit: head.commit };
    mine = await createCommit(git, staged, { message, author });
    const args = ['push', '--quiet', '--no-verify', remote.name, `${mine}:refs/heads/${remote.branch}`];
    const { code, stderr } = await git.run(args, { isPush: true });
    if (code === 0) return { kind: 'pushed', commit: mine };
    throw failedAttempt(stderr, remote);
  }).catch((error: unknown) => {
    throw isOutrun(error) ? outrun(remote) : error;
  });
}

/**
 * Asks the remote whether that commit may be pushed to the branch, without pushing anything.
 *
 * @throws LaunchpadError `push-refused` with what is missing
 */
export async function checkPush(git: Git, remote: Remote, commit: string): Promise<void> {
  const target = `${commit}:refs/heads/${remote.branch}`;
  const { code, stderr } = await git.run(['push', '--dry-run', '--no-verify', remote.name, target]);
  if (code === 0) return;
  const error = classify(stderr, remote);
  // The branch is newer by now, so it may be pushed to.
  if (!isOutrun(error)) throw error;
}

function isOutrun(error: unknown): boolean {
  return error instanceof LaunchpadError && error.code === 'push-outrun';
}

function outrun({ url, branch }: Remote): LaunchpadError {
  return new LaunchpadError(
    'push-outrun',
    `Others pushed to branch ${branch} of ${url} ${TRIES} times in a row meanwhile.`,
    { remedy: 'Run again: the databases are kept.' },
  );
}
