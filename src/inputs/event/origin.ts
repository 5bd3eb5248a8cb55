import { randomBytes } from 'node:crypto';
import type { RepositoryOptions } from '../../repository/cluster-repository.ts';
import { type InputSource, requireVariable, variableOf } from '../input-source.ts';
import { eventOf, type WorkflowEvent } from './event.ts';
import { sourceOf } from './pull-request.ts';

/** Where a run comes from: what it needs to know of GitHub, or of the terminal. */
export interface Origin {
  /** The branch or ref to read and to push. */
  readonly source: Pick<RepositoryOptions, 'branch' | 'ref' | 'base'> & Partial<Pick<RepositoryOptions, 'remote'>>;
  /** Directory that `repository-path` is relative to. */
  readonly workspace: string;
  readonly hosted: HostedRepository;
  readonly run: RunIdentity;
  /** What started the workflow; absent at a terminal. */
  readonly event?: WorkflowEvent | undefined;
}

/** Where the cluster repository is hosted. */
export interface HostedRepository {
  /** Such as `https://github.com`, without a slash at the end. */
  readonly serverUrl: string;
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

export interface RunIdentity {
  /** Unique, even within a job, and valid in a label. */
  readonly id: string;
  /** Page of the run, if it has one. */
  readonly url: string | undefined;
  /** The user of GitHub who started it, or this attempt of it. */
  readonly startedBy?: string | undefined;
  /** Who runs it and where, for a run without a page. */
  readonly description?: string;
}

/**
 * The origin of a run that a workflow of GitHub Actions started.
 *
 * @throws LaunchpadError if the event is not supported, or is that of a fork
 */
export function githubOrigin(inputSource: InputSource): Origin {
  const event = eventOf(inputSource);
  return {
    event,
    source: event.kind === 'pull-request' ? sourceOf(event.pullRequest) : { branch: event.branch },
    workspace: variableOf(inputSource, 'GITHUB_WORKSPACE') ?? '.',
    hosted: hostedRepository(inputSource),
    run: runIdentity(inputSource),
  };
}

function hostedRepository(inputSource: InputSource): HostedRepository {
  const serverUrl = (variableOf(inputSource, 'GITHUB_SERVER_URL') ?? 'https://github.com').replace(/(?<!\/)\/+$/, '');
  const [owner = '', name = ''] = requireVariable(inputSource, 'GITHUB_REPOSITORY').split('/');
  return { serverUrl, host: new URL(serverUrl).host, owner, name };
}

/** With the attempt, because a re-run keeps the run's number; with random digits, because a job may run the action twice. */
function runIdentity(inputSource: InputSource): RunIdentity {
  const { serverUrl, owner, name } = hostedRepository(inputSource);
  const run = requireVariable(inputSource, 'GITHUB_RUN_ID');
  const attempt = variableOf(inputSource, 'GITHUB_RUN_ATTEMPT') ?? '1';
  return {
    id: `${run}-${attempt}-${randomBytes(3).toString('hex')}`,
    url: `${serverUrl}/${owner}/${name}/actions/runs/${run}/attempts/${attempt}`,
    startedBy: variableOf(inputSource, 'GITHUB_TRIGGERING_ACTOR') ?? variableOf(inputSource, 'GITHUB_ACTOR'),
  };
}
