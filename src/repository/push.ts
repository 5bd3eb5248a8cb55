import { LaunchpadError } from '../core/errors.ts';
import type { BranchHead } from './branch-head.ts';
import { type CommitOptions, type FilesOfChange, makeCommit, stageChange } from './commit.ts';
import { pauseBeforeRetry, type Remote, TRIES } from './fetch.ts';
import type { Git } from './git.ts';
import { classify } from './refusals.ts';

/** What a push came to; `commit` is the one of the branch that holds the files. */
export type PushResult =
  | { readonly kind: 'pushed'; readonly commit: string }
  | { readonly kind: 'unchanged'; readonly commit: string };

export interface Change {
  readonly message: string;
  /**
   * What is to be changed, for this tip of the branch. It is asked again for each newer tip; what it throws ends the push,
   * and nothing is pushed.
   */
  readonly build: (head: BranchHead) => Promise<FilesOfChange>;
}

/** What a push needs of the repository. */
export interface PushContext {
  readonly git: Git;
  readonly remote: Remote;
  readonly author: CommitOptions['author'];
  readonly fetchHead: () => Promise<BranchHead>;
}

/**
 * Makes one commit with the change on top of the newest tip and pushes it. Where another process pushed first it is made
 * again on the newer tip; where the remote has exactly this already there is nothing to do, be it because an earlier push
 * arrived and only its answer was lost.
 *
 * @throws LaunchpadError `push-refused`, `push-failed`, `push-outrun` or `repository-unreachable`, and whatever `build`
 *   throws
 */
export async function pushChange(
  { git, remote, author, fetchHead }: PushContext,
  { message, build }: Change,
): Promise<PushResult> {
  const { branch } = remote;
  let mine: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const head = await fetchHead();
    if (head.commit === mine) return { kind: 'pushed', commit: mine };
    const staged = await stageChange(git, head, await build(head));
    if (staged.isThere) return { kind: mine === undefined ? 'unchanged' : 'pushed', commit: head.commit };
    mine = await makeCommit(git, staged, { message, author });
    const args = ['push', '--quiet', '--no-verify', remote.name, `${mine}:refs/heads/${branch}`];
    const { code, stderr } = await git.run(args, { isPush: true });
    if (code === 0) return { kind: 'pushed', commit: mine };
    const refusal = classify(stderr, { remote: remote.url, branch });
    if (refusal.kind === 'refused') throw refusal.error;
    if (attempt >= TRIES) throw refusal.kind === 'connection' ? refusal.error : outrun(remote);
    const reason = refusal.kind === 'outrun' ? `${branch} has moved on meanwhile` : refusal.error.message;
    await pauseBeforeRetry(remote, attempt, reason);
  }
}

/**
 * Asks the remote whether that commit may be pushed to the branch, without pushing anything.
 *
 * @throws LaunchpadError `push-refused` with what is missing
 */
export async function checkPush(git: Git, remote: Remote, commit: string): Promise<void> {
  const { code, stderr } = await git.run([
    'push',
    '--dry-run',
    '--no-verify',
    remote.name,
    `${commit}:refs/heads/${remote.branch}`,
  ]);
  if (code === 0) return;
  const refusal = classify(stderr, { remote: remote.url, branch: remote.branch });
  // Outrun: the branch has moved on since, so it may be pushed to.
  if (refusal.kind !== 'outrun') throw refusal.error;
}

function outrun({ url, branch }: Remote): LaunchpadError {
  return new LaunchpadError(
    'push-outrun',
    `Others pushed to branch ${branch} of ${url} ${TRIES} times in a row meanwhile.`,
    {
      remedy: 'Run again: the databases are kept.',
    },
  );
}
