import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';
import type { ProgressLog } from '../../core/progress.ts';
import { optionalValue } from '../../inputs/input.ts';
import type { InputSource } from '../../inputs/input-source.ts';
import { INPUTS } from '../../inputs/inputs.ts';
import { SettingsInvalid } from '../../inputs/problems.ts';

export interface ApiOptions {
  /** Gets a debug line for each answer (method, path, status, milliseconds; no body), and one for each wait for a rate limit. */
  readonly log?: Pick<ProgressLog, 'debug' | 'info'>;
  /** Used in place of that of input api-token, which must be set all the same. */
  readonly token?: string | undefined;
  /** Ends all requests when it aborts. */
  readonly signal?: AbortSignal;
  /** Milliseconds before the first retry; the next pauses are 4 and 9 times as long. */
  readonly pauseMs?: number;
  /** Sends a request. By default that of @actions/github, which uses the proxy of HTTPS_PROXY and NO_PROXY. */
  readonly fetch?: typeof globalThis.fetch;
}

/** The event and the job, as @actions/github reads them. */
export type GithubContext = typeof import('@actions/github/lib/utils').context;
type Octokit = InstanceType<typeof import('@actions/github/lib/utils').GitHub>;

/** A file that a pull request changes, in GitHub's words. */
export interface PullRequestFile {
  readonly filename: string;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed' | 'unchanged';
  readonly previous_filename?: string;
}

/** A comment on a pull request. */
export interface Comment {
  readonly id: number;
  readonly body: string;
}

/** Milliseconds until a request that got no answer counts as failed. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Seconds that GitHub may ask to wait when it limits the rate: a job that waits longer is better run again. */
const LONGEST_WAIT_S = 60;
/** How often is waited for the rate limit. */
const MOST_WAITS = 2;

/**
 * Connects to GitHub's API, with base URL, proxy, repository and job from the runner's environment.
 *
 * @actions/github is loaded here and not earlier: it parses the file of GITHUB_EVENT_PATH when it is loaded, and throws a
 * SyntaxError where the file is broken. Call this after `githubOrigin` has checked the event of a pull request.
 *
 * @throws SettingsInvalid without a token
 */
export async function connectGithub(
  inputSource: InputSource,
  options: ApiOptions,
): Promise<{ readonly api: GithubApi; readonly context: GithubContext }> {
  const apiToken = optionalValue(INPUTS.apiToken, inputSource);
  const { token = apiToken } = options;
  if (apiToken === undefined || token === undefined) {
    throw new SettingsInvalid([
      `${INPUTS.apiToken.input}: missing; without it GitHub's API cannot be asked. ${INPUTS.apiToken.description}`,
    ]);
  }
  // A bundle of its own, beside that of the step.
  const { context, defaults, getOctokitOptions, GitHub, retry, throttling } = await import(
    /* webpackIgnore: true */ './octokit.ts'
  );
  const { log, signal, pauseMs = 1_000, fetch = defaults.request?.fetch } = options;
  const waits =
    (what: string) =>
    (seconds: number, _request: object, _client: object, count: number): boolean => {
      const isWorthIt = seconds <= LONGEST_WAIT_S && count < MOST_WAITS;
      if (isWorthIt) log?.info(`GitHub's API limits the ${what}: trying again in ${seconds} s.`);
      return isWorthIt;
    };
  const Octokit = GitHub.plugin(retry, throttling);
  const octokit = new Octokit(
    getOctokitOptions(token, {
      baseUrl: context.apiUrl.replace(/(?<!\/)\/+$/, ''),
      userAgent: 'launchpad-provision',
      log: silent(options),
      request: { ...defaults.request, fetch: timed(fetch, options), ...(signal === undefined ? {} : { signal }) },
      retry: { retryAfterBaseValue: pauseMs },
      throttle: {
        retryAfterBaseValue: pauseMs,
        onRateLimit: waits('number of requests'),
        onSecondaryRateLimit: waits('rate'),
      },
    }),
  );
  return { api: new GithubApi(octokit, context.repo), context };
}

/**
 * The few calls of GitHub's REST API that pull requests need, for one repository. Connection errors, 5xx and 429 are
 * retried three times with growing pauses. A rate limit is awaited twice, a minute at most
 * (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
 */
export class GithubApi {
  readonly #octokit: Octokit;
  readonly #target: { readonly owner: string; readonly repo: string };

  constructor(octokit: Octokit, target: { readonly owner: string; readonly repo: string }) {
    this.#octokit = octokit;
    this.#target = target;
  }

  /**
   * The files that a pull request changes; GitHub lists 3,000 at most
   * (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files).
   *
   * @throws LaunchpadError `github-refused` or `github-unreachable`
   */
  async pullRequestFiles(number: number): Promise<PullRequestFile[]> {
    return await this.request(`list the files of pull request #${number}`, (octokit) =>
      octokit.paginate(octokit.rest.pulls.listFiles, {
        ...this.#target,
        pull_number: number,
        per_page: 100,
      }),
    );
  }

  /** Whether everybody can read a repository (https://docs.github.com/en/rest/repos/repos#get-a-repository). */
  async isPublic(owner: string, repo: string): Promise<boolean> {
    const { data } = await this.request(`read repository ${owner}/${repo}`, (octokit) =>
      octokit.rest.repos.get({ owner, repo }),
    );
    return data.visibility === undefined ? !data.private : data.visibility === 'public';
  }

  /** The comments of a pull request, oldest first (https://docs.github.com/en/rest/issues/comments). */
  async comments(number: number): Promise<Comment[]> {
    const comments = await this.request(`list the comments of pull request #${number}`, (octokit) =>
      octokit.paginate(octokit.rest.issues.listComments, {
        ...this.#target,
        issue_number: number,
        per_page: 100,
      }),
    );
    return comments.map(({ id, body = '' }) => ({ id: id, body }));
  }

  async createComment(number: number, body: string): Promise<void> {
    await this.request(`comment on pull request #${number}`, (octokit) =>
      octokit.rest.issues.createComment({
        ...this.#target,
        issue_number: number,
        body,
      }),
    );
  }

  async updateComment(id: number, body: string): Promise<void> {
    await this.request('change the comment', (octokit) =>
      octokit.rest.issues.updateComment({
        ...this.#target,
        comment_id: id,
        body,
      }),
    );
  }

  /**
   * Makes a request, which may be about another repository.
   *
   * @param what completes "GitHub did not"
   * @param permission what the job's token must be allowed to do
   * @throws LaunchpadError `github-refused` or `github-unreachable`
   */
  async request<T>(what: string, call: (octokit: Octokit) => Promise<T>, permission?: string): Promise<T> {
    try {
      return await call(this.#octokit);
    } catch (error) {
      throw refusal(what, error, permission);
    }
  }
}

/** Octokit's own log would go to the console, past the masks. */
function silent({ log }: ApiOptions) {
  const nothing = () => undefined;
  const line = (message: string) => log?.debug(`GitHub's API client: ${message}`);
  return { debug: nothing, info: nothing, warn: line, error: nothing };
}

/** A fetch that reports each answer, and gives up after a while without one. */
function timed(send: typeof globalThis.fetch, { log }: ApiOptions): typeof globalThis.fetch {
  return async (url, options = {}) => {
    const { method = 'GET', signal } = options;
    const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const started = performance.now();
    const report = (outcome: string | number) =>
      log?.debug(`${method} ${String(url)}: ${outcome}, ${Math.round(performance.now() - started)} ms`);
    try {
      const response = await send(url, { ...options, signal: signal ? AbortSignal.any([signal, limit]) : limit });
      report(response.status);
      return response;
    } catch (error) {
      report('no answer');
      throw error;
    }
  };
}

/**
 * The error for a request that GitHub's API did not do.
 *
 * @param what completes "GitHub did not"
 * @param permission what the job's token must be allowed to do
 * @returns LaunchpadError `github-refused` where the token may not do it, else `github-unreachable`
 */
function refusal(what: string, error: unknown, permission = 'pull-requests: write'): LaunchpadError {
  // That of Octokit's RequestError.
  const { status: found } = fieldsOf(error);
  const status = typeof found === 'number' ? found : undefined;
  const said = messageOf(error);
  const answer = status === undefined || status === 500 ? said : `${status} ${said}`;
  const code = status !== undefined && [401, 403, 404, 410].includes(status) ? 'github-refused' : 'github-unreachable';
  return new LaunchpadError(code, `GitHub's API did not ${what}: ${answer}`, {
    remedy: remedyFor(status, said, permission),
    cause: error,
  });
}

/** GitHub answers 404, too, for what a token may not see. */
function remedyFor(status: number | undefined, said: string, permission: string): string {
  if (/rate limit/i.test(said)) return 'Run again when the limit of the token is reset, or use another token.';
  switch (status) {
    case 401:
      return "Set input api-token to a valid token, or remove it: the job's own token is used then.";
    case 403:
    case 404:
      return `Give the job \`permissions: ${permission}\` (and \`contents: write\`), or the token of input api-token the same rights.`;
    case 410:
      return "Enable issues and pull requests in the repository's settings.";
    default:
      return "Check the state of GitHub and the runner's way to it (GITHUB_API_URL, HTTPS_PROXY), then run again.";
  }
}
