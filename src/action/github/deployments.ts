import { mapConcurrently } from '../../core/concurrency.ts';
import { asSentence, LaunchpadError, messageOf } from '../../core/errors.ts';
import type { HostedRepository } from '../../inputs/event/origin.ts';
import type { Outcome, Task } from '../../operations/outcome/outcome.ts';
import type { ActionLog } from '../log/action-log.ts';
import type { GithubApi } from './api.ts';

type RepositoryName = Pick<HostedRepository, 'owner' | 'name'>;

/** The states that this action gives a deployment (https://docs.github.com/en/rest/deployments/statuses). */
type DeploymentState = 'in_progress' | 'success' | 'failure' | 'inactive';

/** What GitHub's page of deployments is told of the run. */
interface DeploymentsRequest {
  /** Input `deployment`. */
  readonly tellsDeployments: boolean;
  readonly hosted: RepositoryName;
  readonly repository: { readonly branch: string };
  readonly run: { readonly url: string | undefined };
}

/** Keeps a deployment for the post step, which ends it if this step is killed. */
type Keep = (instance: string, id: number | undefined) => void;

/** What the token must be allowed to do. */
const PERMISSION = 'deployments: write';
/** Requests at the same time. */
const PARALLEL = 5;
/** The states of a deployment that is no longer in use. */
const ENDED: readonly string[] = ['inactive', 'failure', 'error'];

/**
 * Tells GitHub's deployments of each instance, in an environment of its own
 * (https://docs.github.com/en/rest/deployments/deployments). What GitHub refuses is one warning, and never fails a run.
 */
export class Deployments {
  readonly #request: DeploymentsRequest;
  readonly #connect: () => Promise<GithubApi>;
  readonly #log: Pick<ActionLog, 'warning' | 'redact'>;
  readonly #keep: Keep;
  readonly #begun = new Map<string, number>();
  #isOff: boolean;
  #beginning = Promise.resolve();

  constructor(
    request: DeploymentsRequest,
    {
      connect,
      log,
      keep,
    }: { connect: () => Promise<GithubApi>; log: Pick<ActionLog, 'warning' | 'redact'>; keep: Keep },
  ) {
    this.#request = request;
    this.#connect = connect;
    this.#log = log;
    this.#keep = keep;
    this.#isOff = !request.tellsDeployments;
  }

  /** Begins a deployment for each task that provisions, beside the run: the API takes one write a second. */
  begin(tasks: readonly Task[]): void {
    this.#beginning = this.#begin(tasks);
  }

  async #begin(tasks: readonly Task[]): Promise<void> {
    const { hosted, repository } = this.#request;
    const deployed = tasks.filter(({ operation, isDryRun }) => operation !== 'deprovision' && !isDryRun);
    await this.#tell(deployed, async (api, { instance, isPreview }) => {
      if (this.#isOff) return;
      const environment = environmentOf(instance);
      const id = await createDeployment(api, hosted, { ref: repository.branch, environment, isTransient: isPreview });
      this.#begun.set(instance, id);
      this.#keep(instance, id);
      await this.#setState(api, id, 'in_progress');
    });
  }

  /** Ends them, also after a warning; those of an instance that was deprovisioned are no longer in use. */
  async end(outcomes: readonly Outcome[]): Promise<void> {
    await this.#beginning;
    await this.#tell(outcomes, async (api, outcome) => {
      const { instance } = outcome.task;
      if (outcome.kind === 'deprovisioned' && !this.#isOff) await this.#deactivate(api, environmentOf(instance));
      const id = this.#begun.get(instance);
      if (id === undefined) return;
      const lmsUrl = outcome.kind === 'provisioned' ? outcome.report.lmsUrl || undefined : undefined;
      const state = outcome.kind === 'provisioned' ? 'success' : 'failure';
      // Whatever GitHub answers: the post step would take the step for killed.
      await this.#setState(api, id, state, lmsUrl).finally(() => this.#keep(instance, undefined));
    });
  }

  /** Ends those of a step that was killed. */
  async fail(ids: readonly number[]): Promise<void> {
    await this.#tell(ids, async (api, id) => await this.#setState(api, id, 'failure'));
  }

  async #deactivate(api: GithubApi, environment: string): Promise<void> {
    const { hosted } = this.#request;
    for (const id of await deploymentsOf(api, hosted, environment)) {
      const state = await stateOf(api, hosted, id);
      if (!ENDED.includes(state ?? '')) await this.#setState(api, id, 'inactive');
    }
  }

  /** Adds a status. A deployment without one is ended by GitHub, but in a transient environment. */
  async #setState(api: GithubApi, id: number, state: DeploymentState, environmentUrl?: string): Promise<void> {
    const { hosted, run } = this.#request;
    const { owner, name: repo } = hosted;
    await api.request(
      `set deployment ${id} to ${state}`,
      ({ rest }) =>
        rest.repos.createDeploymentStatus({
          ...{ owner, repo, deployment_id: id, state },
          ...(run.url === undefined ? {} : { log_url: run.url }),
          ...(environmentUrl === undefined ? {} : { environment_url: environmentUrl }),
        }),
      PERMISSION,
    );
  }

  async #tell<T>(items: readonly T[], work: (api: GithubApi, item: T) => Promise<void>): Promise<void> {
    if ((this.#isOff && this.#begun.size === 0) || items.length === 0) return;
    try {
      const api = await this.#connect();
      await mapConcurrently(items, PARALLEL, (item) => work(api, item).catch((error) => this.#warn(error)));
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    if (this.#isOff) return;
    this.#isOff = true;
    const remedy = error instanceof LaunchpadError ? ` ${error.remedy ?? ''}` : '';
    const what = `GitHub's deployments were not updated: ${asSentence(messageOf(error))}${remedy}`;
    this.#log.warning(this.#log.redact(what.trim()), error);
  }
}

function environmentOf(instance: string): string {
  return `launchpad/${instance}`;
}

/**
 * Creates a deployment of what the branch has. GitHub neither merges the default branch into it nor waits for checks.
 *
 * @returns its ID
 */
async function createDeployment(
  api: GithubApi,
  { owner, name: repo }: RepositoryName,
  { ref, environment, isTransient }: { ref: string; environment: string; isTransient: boolean },
): Promise<number> {
  return await api.request(
    `create a deployment of ${environment}`,
    async ({ rest }) => {
      const { data } = await rest.repos.createDeployment({
        ...{ owner, repo, ref, environment, transient_environment: isTransient },
        ...{ auto_merge: false, required_contexts: [] },
      });
      if ('id' in data) return data.id;
      throw new Error(data.message ?? 'it gave no deployment');
    },
    PERMISSION,
  );
}

/** IDs of the deployments of an environment, the newest first. Those of a transient one end by no newer one. */
async function deploymentsOf(
  api: GithubApi,
  { owner, name: repo }: RepositoryName,
  environment: string,
): Promise<number[]> {
  const all = await api.request(
    `list the deployments of ${environment}`,
    ({ paginate, rest }) => paginate(rest.repos.listDeployments, { owner, repo, environment, per_page: 100 }),
    PERMISSION,
  );
  return all.map(({ id }) => id);
}

/** The newest state of a deployment; undefined if it has none. */
async function stateOf(api: GithubApi, { owner, name: repo }: RepositoryName, id: number): Promise<string | undefined> {
  const { data } = await api.request(
    `list the statuses of deployment ${id}`,
    ({ rest }) => rest.repos.listDeploymentStatuses({ owner, repo, deployment_id: id, per_page: 1 }),
    PERMISSION,
  );
  return data[0]?.state;
}
