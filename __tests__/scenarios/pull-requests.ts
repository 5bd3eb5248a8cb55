import { type Checkout, checkOut, checkOutPullRequest } from '../../sandbox/checkout.ts';
import { filesOf, merge, type PullRequestRefs, pullRequestEvent, updateRefs } from '../../sandbox/git/pull-requests.ts';
import { type GithubStandIn, type StoredComment, startGithub } from '../../sandbox/github/api.ts';
import type { RunningStep, StepResult } from '../../sandbox/github-runner.ts';
import { GIT_TOKEN, type Scenario, type World } from './world.ts';

/** Token of GitHub's API. */
export const API_TOKEN = 'api-token-of-the-job-0c9d';

/** A pull request of a scenario's repository, and runs of the action for it. */
export interface OpenedPullRequest {
  readonly number: number;
  /** Starts a run on one of its events, from the detached merge commit that actions/checkout leaves. */
  start(event: PullRequestRun): Promise<RunningStep>;
  run(event: PullRequestRun): Promise<StepResult>;
  /** Merges it, and runs on the push that this is for the base branch. */
  mergeAndRun(inputs?: Texts): Promise<StepResult>;
  /** Commits more on its branch, as its author. */
  commit(files: Texts): Promise<void>;
  /** Lets its refs be those of its branch, as after a push. */
  refresh(): Promise<void>;
  /** Tip of its branch. */
  head(): Promise<string>;
  comments(): readonly StoredComment[];
}

type Texts = Readonly<Record<string, string>>;

interface PullRequestRun {
  readonly action: 'opened' | 'synchronize' | 'closed';
  readonly merged?: boolean;
  readonly event?: 'pull_request' | 'pull_request_target';
  readonly from?: string | null;
  readonly inputs?: Texts;
  readonly settings?: Texts;
}

/** GitHub for the repositories of a world: the API, and pull requests by number. */
export interface Github {
  readonly api: GithubStandIn;
  /** Opens a pull request whose branch has these files on top of main. */
  open(scenario: Scenario, files: Texts, options?: { readonly head?: string }): Promise<OpenedPullRequest>;
  stop(): Promise<void>;
}

export async function startGithubFor(world: World): Promise<Github> {
  const opened = new Map<number, { readonly repository: string; readonly refs: PullRequestRefs }>();
  const checkouts: Checkout[] = [];
  const gitOf =
    (repository: string) =>
    (...args: string[]) =>
      world.git.git(repository, ...args);
  const api = await startGithub({
    token: API_TOKEN,
    listFiles: async (_, number) => {
      const found = opened.get(number);
      return found === undefined ? [] : await filesOf(gitOf(found.repository), found.refs);
    },
  });
  const kept = async (checkout: Promise<Checkout>) => {
    checkouts.push(await checkout);
    return await checkout;
  };

  return {
    api,
    open: async ({ repository, run, start }, files, { head = 'add-schools' } = {}) => {
      const refs = { number: opened.size + 7, head, base: 'main' };
      const git = gitOf(repository);
      const url = `${world.git.url}/${repository}.git`;
      await world.git.commit(repository, files, head);
      await updateRefs(git, refs);
      opened.set(refs.number, { repository, refs });
      // As that of an Enterprise Server is.
      const environment = { GITHUB_API_URL: `${api.url}/api/v3` };
      const inputs = { instance: '', 'api-token': API_TOKEN };
      const startOn = async ({ event = 'pull_request', inputs: others, settings, ...rest }: PullRequestRun) => {
        if (rest.action !== 'closed') await updateRefs(git, refs);
        return await start({
          event,
          payload: pullRequestEvent({ ...refs, repository, ...rest }),
          ref: `refs/pull/${refs.number}/merge`,
          checkout: await kept(checkOutPullRequest(url, GIT_TOKEN, refs.number)),
          inputs: { ...inputs, ...others },
          settings: { ...environment, ...settings },
        });
      };
      return {
        number: refs.number,
        start: startOn,
        run: async (event) => await (await startOn(event)).done,
        mergeAndRun: async (others = {}) =>
          await run({
            event: 'push',
            payload: { ref: 'refs/heads/main', ...(await merge(git, refs)) },
            checkout: await kept(checkOut(url, GIT_TOKEN)),
            inputs: { ...inputs, ...others },
            settings: environment,
          }),
        commit: async (more) => {
          await world.git.commit(repository, more, head);
        },
        refresh: async () => await updateRefs(git, refs),
        head: async () => await git('rev-parse', head),
        comments: () => api.comments.filter(({ issue }) => issue === refs.number),
      };
    },
    stop: async () => {
      await api.stop();
      for (const checkout of checkouts) await checkout.remove();
    },
  };
}
