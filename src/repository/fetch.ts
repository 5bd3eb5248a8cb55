import { sleep } from '../core/concurrency.ts';
import { type Git, withoutCredentials } from './git.ts';
import { classify } from './refusals.ts';

/** Where is fetched from, and pushed to. */
export interface Remote {
  /** Such as `origin`. */
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  /** Short name of the branch that the run is about. */
  readonly branch: string;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the wait before something is tried again. */
  readonly signal?: AbortSignal | undefined;
}

export interface FetchRequest {
  /** What the remote calls it: a ref, or a short name of one. */
  readonly source: string;
  /** The ref that it gets here. */
  readonly target: string;
  /** How much of the history comes along, as options of git fetch. */
  readonly options?: readonly string[];
}

/** How often a fetch or a push is made again after the connection failed, or after somebody else was faster. */
export const TRIES = 5;

/**
 * Fetches one ref, again where the connection fails.
 *
 * @returns its commit, or undefined where the remote has no such ref, or does not give a commit that is asked for by name
 * @throws LaunchpadError `repository-unreachable`, `push-refused` where the credentials are not accepted, or `push-failed`
 */
export async function fetchRef(git: Git, remote: Remote, request: FetchRequest): Promise<string | undefined> {
  const { source, target, options = [] } = request;
  const args = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--force',
    // Without it the clone's own refspec counts besides, and a push may be at its remote-tracking branch.
    '--refmap=',
  ];
  for (let attempt = 1; ; attempt += 1) {
    const { code, stderr } = await git.run([...args, ...options, remote.name, `${source}:${target}`]);
    if (code === 0) return await git.text(['rev-parse', `${target}^{commit}`]);
    if (/couldn't find remote ref|not our ref|unadvertised object/i.test(stderr)) return undefined;
    const refusal = classify(stderr, { remote: remote.url, branch: remote.branch });
    if (refusal.kind === 'refused') throw refusal.error;
    if (attempt >= TRIES && refusal.kind === 'connection') throw refusal.error;
    await pauseBeforeRetry(remote, attempt, `git fetch failed: ${withoutCredentials(stderr)}`);
  }
}

/** Says why something is tried again, and waits: longer each time, and jittered so that two that race part. */
export async function pauseBeforeRetry({ onLine, signal }: Remote, attempt: number, reason: string): Promise<void> {
  onLine?.(`${reason} Trying again (${attempt + 1} of ${TRIES}).`);
  await sleep((0.5 + Math.random()) * 200 * attempt, signal);
}
