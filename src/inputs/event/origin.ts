import { randomBytes } from 'node:crypto';
import type { RepositoryOptions } from '../../repository/cluster-repository.ts';
import { type InputSource, requireVariable, variableOf } from '../input-source.ts';
import { eventOf, type WorkflowEvent } from './event.ts';
import { sourceOf } from './pull-request.ts';

/** Where a run comes from: all that it needs to know of GitHub, or of the terminal that it was started from. */
export interface Origin {
  /** What is read of the cluster repository, and pushed to. */
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
  /** Unlike any other run's, also of the same job, and fit for a label. */
  readonly id: string;
  /** Page of the run; undefined where it has none. */
  readonly url: string | undefined;
  /** Who runs it and where, for one that has no page. */
  readonly description?: string;
}

/**
 * Where a run comes from that a workflow of GitHub Actions started.
 *
 * @throws LaunchpadError where the event is not supported, or is a fork's
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
  const serverUrl = (variableOf(inputSource, 'GITHUB_SERVER_URL') ?? 'https://github.com').replace(/\/+$/, '');
  const [owner = '', name = ''] = requireVariable(inputSource, 'GITHUB_REPOSITORY').split('/');
  return { serverUrl, host: new URL(serverUrl).host, owner, name };
}

/** The attempt is part of it, as a re-run keeps the run's number; so is chance, as one job may run the action twice. */
function runIdentity(inputSource: InputSource): RunIdentity {
  const { serverUrl, owner, name } = hostedRepository(inputSource);
  const run = requireVariable(inputSource, 'GITHUB_RUN_ID');
  const attempt = variableOf(inputSource, 'GITHUB_RUN_ATTEMPT') ?? '1';
  return {
    id: `${run}-${attempt}-${randomBytes(3).toString('hex')}`,
    url: `${serverUrl}/${owner}/${name}/actions/runs/${run}/attempts/${attempt}`,
  };
}
