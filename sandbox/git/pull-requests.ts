/** Pull requests of a bare repository, as GitHub keeps them: refs, what they change, and their events. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs git in the bare repository and gives what it writes. */
export type GitCommand = (...args: string[]) => Promise<string>;

/** Git in that bare repository. */
export function gitIn(directory: string): GitCommand {
  const run = promisify(execFile);
  return async (...args) => (await run('git', ['-C', directory, ...args], { maxBuffer: 1 << 26 })).stdout.trimEnd();
}

/** A pull request within one repository. */
export interface PullRequestRefs {
  readonly number: number;
  readonly head: string;
  readonly base: string;
}

/** A file as `GET /repos/{owner}/{repo}/pulls/{pull_number}/files` lists it. */
export interface ListedFile {
  readonly sha: string;
  readonly filename: string;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  readonly additions: number;
  readonly deletions: number;
  readonly changes: number;
  readonly previous_filename?: string;
}

const AUTHOR = ['-c', 'user.name=GitHub', '-c', 'user.email=noreply@github.com'];

/** Sets refs/pull/<number>/head and /merge to what the branches have now, as GitHub does after each push. */
export async function updateRefs(git: GitCommand, { number, head, base }: PullRequestRefs): Promise<void> {
  const [ours, theirs] = [await git('rev-parse', base), await git('rev-parse', head)];
  const tree = await git('merge-tree', '--write-tree', ours, theirs);
  const message = `Merge ${theirs} into ${ours}`;
  const merge = await git(...AUTHOR, 'commit-tree', tree, '-p', ours, '-p', theirs, '-m', message);
  await git('update-ref', `refs/pull/${number}/head`, theirs);
  await git('update-ref', `refs/pull/${number}/merge`, merge);
}

/** Keeps the name of its base branch in the repository's configuration, for a caller that knows its number only. */
export async function keepBase(git: GitCommand, { number, base }: PullRequestRefs): Promise<void> {
  await git('config', `pull-request.${number}.base`, base);
}

export async function baseOf(git: GitCommand, number: number): Promise<string> {
  return await git('config', `pull-request.${number}.base`);
}

/** Merges it into its base branch. @returns the base's commits before and after */
export async function merge(git: GitCommand, pullRequest: PullRequestRefs): Promise<{ before: string; after: string }> {
  const { base, number } = pullRequest;
  await updateRefs(git, pullRequest);
  const before = await git('rev-parse', base);
  const after = await git('rev-parse', `refs/pull/${number}/merge`);
  await git('update-ref', `refs/heads/${base}`, after);
  return { before, after };
}

/** What it changes since it left its base branch, renames found as GitHub finds them. */
export async function filesOf(git: GitCommand, { number, base }: Omit<PullRequestRefs, 'head'>): Promise<ListedFile[]> {
  const head = `refs/pull/${number}/head`;
  const start = await git('merge-base', base, head);
  const words = (await git('diff-tree', '-r', '-z', '-M', '--raw', '--no-abbrev', start, head)).split('\0');
  const files: ListedFile[] = [];
  while (words[0]?.startsWith(':')) {
    const [, , , sha = '', letter = ''] = (words.shift() ?? '').split(' ');
    const first = words.shift() ?? '';
    const second = /^[RC]/.test(letter) ? words.shift() : undefined;
    files.push({
      sha,
      filename: second ?? first,
      status: STATUS[letter.slice(0, 1)] ?? 'changed',
      additions: 1,
      deletions: 1,
      changes: 2,
      ...(second === undefined ? {} : { previous_filename: first }),
    });
  }
  return files;
}

const STATUS: Readonly<Record<string, ListedFile['status']>> = {
  A: 'added',
  C: 'copied',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
};

export interface EventOptions extends PullRequestRefs {
  /** `owner/name` of the repository. */
  readonly repository: string;
  readonly action: 'opened' | 'reopened' | 'synchronize' | 'closed';
  readonly merged?: boolean;
  /** Repository that the head is in: a fork, or null where that was deleted. */
  readonly from?: string | null;
}

/** The payload of an event `pull_request` (https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request). */
export function pullRequestEvent(options: EventOptions): object {
  const { number, head, base, repository, action, merged = false, from = repository } = options;
  const repositoryOf = (name: string) => ({
    full_name: name,
    name: name.split('/')[1],
    owner: { login: name.split('/')[0] },
  });
  return {
    action,
    number,
    pull_request: {
      number,
      state: action === 'closed' ? 'closed' : 'open',
      merged,
      head: { ref: head, label: head, repo: from === null ? null : repositoryOf(from) },
      base: { ref: base, label: base, repo: repositoryOf(repository) },
    },
    repository: repositoryOf(repository),
    sender: { login: 'example-operator' },
  };
}
