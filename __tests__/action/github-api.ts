import { type ApiOptions, connectGithub, GithubApi } from '../../src/action/github/api.ts';
import { given } from './given.ts';

type Rest = InstanceType<typeof import('@actions/github/lib/utils').GitHub>['rest'];
type Call = (...args: never[]) => Promise<{ data: unknown }>;
type Options =
  | 'owner'
  | 'repo'
  | 'deployment_id'
  | 'baseUrl'
  | 'headers'
  | 'mediaType'
  | 'request'
  | 'operationName'
  | 'query';
/** The body that a call takes, without an index signature, so that a name that GitHub does not have is an error. */
type Body<T extends Call, Taken = NonNullable<Parameters<T>[0]>> = {
  [Key in keyof Taken as string extends Key ? never : Exclude<Key, Options>]: Taken[Key];
};
type Given<T extends Call> = Awaited<ReturnType<T>>['data'];
type Deploy = Rest['repos'];
type Item<Call extends (...args: never[]) => Promise<{ data: unknown[] }>> = Awaited<ReturnType<Call>>['data'][number];

/** Items that GitHub lists, as its OpenAPI description has them. */
export type ListedFile = Item<Rest['pulls']['listFiles']>;
export type ListedComment = Item<Rest['issues']['listComments']>;

/** Bodies that GitHub takes and what it answers, as its OpenAPI description has them. */
export type NewDeployment = Body<Deploy['createDeployment']>;
export type NewStatus = Body<Deploy['createDeploymentStatus']>;
export type Deployment = Extract<Given<Deploy['createDeployment']>, { id: number }>;
export type Merged = Exclude<Given<Deploy['createDeployment']>, { id: number }>;
export type DeploymentStatus = Given<Deploy['createDeploymentStatus']>;

/** Root of the API of an Enterprise Server. */
export const ROOT = 'https://ghe.example.org/api/v3';

/** The API of org/cluster at ROOT. nock sees the requests of Node's fetch, and not those of @actions/github's own. */
export async function connected(options: ApiOptions = {}): Promise<GithubApi> {
  setEnvironment();
  const inputSource = given({ inputs: { 'api-token': 'a-token' } });
  const { api } = await connectGithub(inputSource, { pauseMs: 1, fetch: globalThis.fetch, ...options });
  return api;
}

/** The API without retries, and without the second that the client waits between two writes. */
export async function unthrottled(baseUrl = ROOT): Promise<GithubApi> {
  setEnvironment();
  const { getOctokitOptions, GitHub } = await import('@actions/github/lib/utils');
  const { fetch } = globalThis;
  return new GithubApi(new GitHub(getOctokitOptions('a-token', { baseUrl, request: { fetch } })), {
    owner: 'org',
    repo: 'cluster',
  });
}

/** @actions/github reads the environment once, when it is loaded. The runner never ends the URL with a slash; people do. */
function setEnvironment(): void {
  Object.assign(process.env, { GITHUB_API_URL: `${ROOT}/`, GITHUB_REPOSITORY: 'org/cluster' });
}
