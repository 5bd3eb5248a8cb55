/**
 * GitHub's deployments: bodies as its description has them, answers as its documents say
 * (https://docs.github.com/en/rest/deployments, https://github.com/github/rest-api-description).
 */
import { fieldsOf } from '../../src/core/fields.ts';
import type { Answer } from '../vendors/http-api.ts';
import { type Body, bodyOf, objectOf } from '../vendors/schema.ts';

export interface StoredDeployment {
  readonly id: number;
  /** `owner/name` of the repository. */
  readonly repository: string;
  readonly ref: string;
  readonly environment: string;
  readonly isTransient: boolean;
  /** Oldest first. */
  readonly statuses: StoredStatus[];
}

interface StoredStatus {
  readonly state: string;
  readonly log_url: string;
  readonly environment_url: string;
}

interface NewDeployment {
  readonly ref: string;
  readonly environment?: string;
  readonly auto_merge?: boolean;
  readonly required_contexts?: readonly string[];
  readonly transient_environment?: boolean;
}

interface NewStatus extends Partial<StoredStatus> {
  readonly state: string;
  readonly auto_inactive?: boolean;
}

const [TEXT, FLAG] = [{ type: 'string' }, { type: 'boolean' }];
const JSON_TYPE = ['application/json'];

/** Body of `POST /repos/{owner}/{repo}/deployments`. */
const NEW_DEPLOYMENT = bodyOf<NewDeployment>(
  objectOf(
    {
      ...{ ref: TEXT, task: TEXT, auto_merge: FLAG, required_contexts: { type: 'array', items: TEXT } },
      ...{
        payload: { anyOf: [{ type: 'object' }, TEXT] },
        environment: TEXT,
        description: { type: 'string', nullable: true },
      },
      ...{ transient_environment: FLAG, production_environment: FLAG },
    },
    ['ref'],
  ),
  JSON_TYPE,
);

/** Body of `POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses`. */
const NEW_STATUS = bodyOf<NewStatus>(
  objectOf(
    {
      state: { enum: ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] },
      ...{ target_url: TEXT, log_url: TEXT, description: { type: 'string', maxLength: 140 } },
      ...{ environment: TEXT, environment_url: TEXT, auto_inactive: FLAG },
    },
    ['state'],
  ),
  JSON_TYPE,
);

const NOT_FOUND: Answer = { status: 404, body: { message: 'Not Found' } };

/** The deployments of all repositories, the oldest first. */
export class DeploymentStore {
  readonly all: StoredDeployment[] = [];

  create(repository: string, value: unknown): Answer {
    return checked(NEW_DEPLOYMENT, value, (body) => {
      const { ref, environment = 'production', transient_environment: isTransient = false } = body;
      if (body.auto_merge !== false) {
        return { status: 202, body: { message: `Auto-merged main into ${ref} on deployment.` } };
      }
      if (body.required_contexts === undefined) {
        return { status: 409, body: { message: `Conflict: Commit status checks failed for ${ref}.` } };
      }
      const deployment = { id: this.all.length + 1, repository, ref, environment, isTransient, statuses: [] };
      this.all.push(deployment);
      return { status: 201, body: shown(deployment) };
    });
  }

  list(repository: string, environment: string | null): object[] {
    const own = this.all.filter((one) => one.repository === repository);
    return own
      .filter((one) => environment === null || one.environment === environment)
      .map(shown)
      .reverse();
  }

  addStatus(repository: string, id: number, value: unknown): Answer {
    return checked(NEW_STATUS, value, ({ state, log_url = '', environment_url = '', auto_inactive: ends = true }) => {
      const deployment = this.#find(repository, id);
      if (deployment === undefined) return NOT_FOUND;
      deployment.statuses.push({ state, log_url, environment_url });
      if (state === 'success' && ends) this.#endOlder(deployment);
      return { status: 201, body: { id: deployment.statuses.length, state, log_url, environment_url } };
    });
  }

  /** Newest first. */
  statuses(repository: string, id: number): object[] | undefined {
    return this.#find(repository, id)
      ?.statuses.map((status, index) => ({ id: index + 1, ...status }))
      .reverse();
  }

  #find(repository: string, id: number): StoredDeployment | undefined {
    return this.all.find((one) => one.repository === repository && one.id === id);
  }

  /** Those of transient environments stay. */
  #endOlder({ id, repository, environment }: StoredDeployment): void {
    for (const older of this.all) {
      const isSame = older.repository === repository && older.environment === environment && older.id < id;
      if (isSame && !older.isTransient && older.statuses.at(-1)?.state === 'success') {
        older.statuses.push({ state: 'inactive', log_url: '', environment_url: '' });
      }
    }
  }
}

function checked<T>({ isValid, problemsOf }: Body<T>, value: unknown, work: (body: T) => Answer): Answer {
  if (isValid(value)) return work(value);
  return { status: 422, body: { message: 'Validation Failed', errors: [problemsOf(fieldsOf(value))] } };
}

function shown({ id, repository, ref, environment, isTransient }: StoredDeployment) {
  const url = `/repos/${repository}/deployments/${id}`;
  return {
    id,
    url,
    ref,
    task: 'deploy',
    environment,
    transient_environment: isTransient,
    statuses_url: `${url}/statuses`,
  };
}
