import { LaunchpadError } from '../core/errors.ts';
import type { BranchHead } from './branch-head.ts';
import { type CommitOptions, createCommit, type FilesOfChange } from './commit.ts';
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
  /**
   * Told whether it is unknown if the commit is on the branch: true when it is sent, false once it is known that it is
   * not. Where the push throws, the last answer holds, also if it was cancelled.
   */
  readonly onUnknown?: (isUnknown: boolean) => void;
}

/** What a push needs of the repository. */
interface PushContext {
  readonly git: Git;
  readonly remote: Remote;
  readonly author: CommitOptions['author'];
  readonly fetchHead: () => Promise<BranchHead>;
  /** The newest head that is known without asking the remote. */
  readonly knownHead: () => BranchHead | undefined;
}

/** Codes of errors that are no refusal: the server may have taken the push, perhaps from an attempt that curl repeated. */
const NO_ANSWER: readonly string[] = ['repository-unreachable', 'rate-limited', 'push-outrun', 'push-failed'];

/**
 * Creates one commit with the change on top of the newest branch head that is known, and pushes it: the remote takes it only
 * if that is its newest. If another process pushed first it is created again on the newer head. Where the answer to a push is lost, the branch is looked at: the commit counts as pushed
 * if it is in its history, or if the branch has exactly these files already.
 *
 * @throws LaunchpadError `push-unknown` if neither the push nor the look at the branch got an answer; every other one means
 *   that nothing of ours is on the branch: as of `classify`, and whatever `build` throws
 */
export async function pushChange(context: PushContext, { message, build, onUnknown }: Change): Promise<PushResult> {
  const { git, remote, author, fetchHead, knownHead } = context;
  const sent: string[] = [];
  let isKnown = true;
  const setKnown = (value: boolean) => {
    if (value !== isKnown) onUnknown?.(!value);
    isKnown = value;
  };
  try {
    let known = knownHead();
    return await retryTransient(remote, async (): Promise<PushResult> => {
      for (;;) {
        const isNewest = known === undefined;
        const head = known ?? (await fetchHead());
        known = undefined;
        const arrived = await arrivedOf(git, head, sent);
        if (arrived !== undefined) return { kind: 'pushed', commit: arrived };
        setKnown(true);
        const commit = await createCommit(git, head, await build(head), { message, author });
        // The remote may have another head, without these files.
        if (commit === undefined && !isNewest) continue;
        if (commit === undefined) return { kind: sent.length === 0 ? 'unchanged' : 'pushed', commit: head.commit };
        const args = ['push', '--quiet', '--no-verify', remote.name, `${commit}:refs/heads/${remote.branch}`];
        sent.push(commit);
        setKnown(false);
        const result = await git.run(args, { isPush: true });
        if (result.code === 0) return { kind: 'pushed', commit };
        const failure = classify(result.stderr, remote);
        setKnown(!NO_ANSWER.includes(failure.error.code));
        throw failedAttempt(failure, result, remote);
      }
    });
  } catch (error) {
    const explained = isOutrun(error) ? outrun(remote) : error;
    if (isKnown || !(explained instanceof LaunchpadError)) throw explained;
    remote.signal?.throwIfAborted();
    const arrived = await lookUp(context, sent, explained);
    if (arrived !== undefined) return { kind: 'pushed', commit: arrived };
    setKnown(true);
    throw explained;
  }
}

/** Looks for one of these commits on the branch, after the last push got no answer. */
async function lookUp(
  { git, remote: { url, branch, signal }, fetchHead }: PushContext,
  sent: readonly string[],
  cause: LaunchpadError,
): Promise<string | undefined> {
  const head = await fetchHead().catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new LaunchpadError(
      'push-unknown',
      `It is not known whether commit ${sent.at(-1)?.slice(0, 7)} reached branch ${branch} of ${url}: ${cause.message}`,
      { remedy: 'Run again: the next run looks at the branch first, and pushes only what is missing.', cause: error },
    );
  });
  return await arrivedOf(git, head, sent);
}

/** The commit, of those that were sent, that the branch has in its history. */
async function arrivedOf(git: Git, head: BranchHead, sent: readonly string[]): Promise<string | undefined> {
  for (const commit of sent) {
    if ((await git.run(['merge-base', '--is-ancestor', commit, head.commit])).code === 0) return commit;
  }
  return undefined;
}

/**
 * Whether the branch is at that commit, and may be pushed to. False where the remote does not say so, for whatever reason:
 * a fetch and `checkPush` find out.
 */
export async function isAtHead(git: Git, remote: Remote, commit: string): Promise<boolean> {
  const target = `${commit}:refs/heads/${remote.branch}`;
  const { code, stdout } = await git.run(['push', '--dry-run', '--porcelain', '--no-verify', remote.name, target]);
  return (
    code === 0 &&
    stdout
      .toString('utf8')
      .split('\n')
      .some((line) => line.startsWith(`=\t${target}\t`))
  );
}

/**
 * Asks the remote whether that commit may be pushed to the branch, without pushing anything.
 *
 * @throws LaunchpadError as of `classify`
 */
export async function checkPush(git: Git, remote: Remote, commit: string): Promise<void> {
  const target = `${commit}:refs/heads/${remote.branch}`;
  await retryTransient(remote, async () => {
    const result = await git.run(['push', '--dry-run', '--no-verify', remote.name, target]);
    if (result.code === 0) return;
    const failure = classify(result.stderr, remote);
    // The branch is newer by now, so it may be pushed to.
    if (!isOutrun(failure.error)) throw failedAttempt(failure, result, remote);
  });
}

function isOutrun(error: unknown): boolean {
  return error instanceof LaunchpadError && error.code === 'push-outrun';
}

function outrun({ url, branch }: Remote): LaunchpadError {
  return new LaunchpadError(
    'push-outrun',
    `Others pushed to branch ${branch} of ${url} during the push, ${TRIES} times in a row.`,
    { remedy: 'Run again: the databases are kept.' },
  );
}
