import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { ProxyVariables } from '../../cluster/api/kubeconfig.ts';
import { refusal } from './refusal.ts';

export interface ApiOptions {
  /** Root of the API, as GITHUB_API_URL has it: of an Enterprise Server `https://<host>/api/v3`. */
  readonly url: string;
  readonly token: string;
  readonly owner: string;
  readonly repository: string;
  readonly proxy: ProxyVariables;
  /** Each answer: method, path, status and milliseconds; no body. */
  readonly onRequest?: (line: string) => void;
  /** Why something is asked again, and when. */
  readonly onRetry?: (line: string) => void;
  /** Ends what goes on when it aborts. */
  readonly signal?: AbortSignal;
  /** Milliseconds of the first pause before a request is made again; the next ones are 4 and 9 times as long. */
  readonly pauseMs?: number;
}

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

const GithubClient = Octokit.plugin(paginateRest, retry, throttling);

/**
 * The few calls of GitHub's REST API that pull requests need, for one repository. Connection errors, 5xx and 429 are
 * retried three times with growing pauses, a rate limit is waited for twice, a minute at most
 * (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
 *
 * Octokit without @actions/github, which reads the event's payload when it is loaded, and fails there if it is broken.
 */
export class GithubApi {
  readonly #octokit: InstanceType<typeof GithubClient>;
  readonly #target: { readonly owner: string; readonly repo: string };

  constructor(options: ApiOptions) {
    const { url, token, owner, repository, pauseMs = 1_000 } = options;
    const waits =
      (what: string) =>
      (seconds: number, _request: object, _client: object, count: number): boolean => {
        const isWorthIt = seconds <= LONGEST_WAIT_S && count < MOST_WAITS;
        if (isWorthIt) options.onRetry?.(`GitHub's API limits the ${what}: trying again in ${seconds} s.`);
        return isWorthIt;
      };
    this.#octokit = new GithubClient({
      auth: token,
      baseUrl: url.replace(/\/+$/, ''),
      userAgent: 'launchpad-provision',
      log: silent(options),
      request: { fetch: fetchBy(options), ...(options.signal === undefined ? {} : { signal: options.signal }) },
      retry: { retryAfterBaseValue: pauseMs },
      throttle: {
        retryAfterBaseValue: pauseMs,
        onRateLimit: waits('number of requests'),
        onSecondaryRateLimit: waits('rate'),
      },
    });
    this.#target = { owner, repo: repository };
  }

  /**
   * The files that a pull request changes; GitHub lists 3,000 at most
   * (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files).
   *
   * @throws LaunchpadError `github-refused` or `github-unreachable`
   */
  async pullRequestFiles(number: number): Promise<PullRequestFile[]> {
    return await this.#attempt(`list the files of pull request #${number}`, () =>
      this.#octokit.paginate('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', {
        ...this.#target,
        pull_number: number,
        per_page: 100,
      }),
    );
  }

  /** The comments of a pull request, oldest first (https://docs.github.com/en/rest/issues/comments). */
  async comments(number: number): Promise<Comment[]> {
    const comments = await this.#attempt(`list the comments of pull request #${number}`, () =>
      this.#octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...this.#target,
        issue_number: number,
        per_page: 100,
      }),
    );
    return comments.map(({ id, body = '' }) => ({ id: Number(id), body }));
  }

  async createComment(number: number, body: string): Promise<void> {
    await this.#attempt(`comment on pull request #${number}`, () =>
      this.#octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...this.#target,
        issue_number: number,
        body,
      }),
    );
  }

  async updateComment(id: number, body: string): Promise<void> {
    await this.#attempt('change the comment', () =>
      this.#octokit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        ...this.#target,
        comment_id: id,
        body,
      }),
    );
  }

  async #attempt<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw refusal(what, error);
    }
  }
}

/** Octokit's own log would go to the console, past the masks. */
function silent({ onRequest }: ApiOptions) {
  const nothing = () => undefined;
  const line = (message: string) => onRequest?.(`GitHub's API client: ${message}`);
  return { debug: nothing, info: nothing, warn: line, error: nothing };
}

/** Node's fetch, or where the environment names proxies one that goes by them; it ends what gets no answer. */
function fetchBy({ proxy: { httpsProxy, httpProxy, noProxy }, onRequest }: ApiOptions): typeof globalThis.fetch {
  const isDirect = httpsProxy === undefined && httpProxy === undefined;
  const send = isDirect
    ? globalThis.fetch
    : proxied(
        new EnvHttpProxyAgent({ httpsProxy: httpsProxy ?? '', httpProxy: httpProxy ?? '', noProxy: noProxy ?? '' }),
      );
  return async (url, options = {}) => {
    const { method = 'GET', signal } = options;
    const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const started = performance.now();
    const reported = (outcome: string | number) =>
      onRequest?.(`${method} ${String(url)}: ${outcome}, ${Math.round(performance.now() - started)} ms`);
    try {
      const response = await send(url, { ...options, signal: signal ? AbortSignal.any([signal, limit]) : limit });
      reported(response.status);
      return response;
    } catch (error) {
      reported('no answer');
      throw error;
    }
  };
}

function proxied(dispatcher: EnvHttpProxyAgent): typeof globalThis.fetch {
  return async (url, options) => {
    const { method = 'GET', headers, body, signal } = options ?? {};
    const response = await undiciFetch(String(url), {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(typeof body === 'string' ? { body } : {}),
      ...(signal ? { signal } : {}),
      dispatcher,
    });
    return new Response(await response.text(), {
      status: response.status,
      statusText: response.statusText,
      headers: [...response.headers],
    });
  };
}
