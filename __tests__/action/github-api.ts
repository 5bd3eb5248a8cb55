import { type ApiOptions, connectGithub, type GithubApi } from '../../src/action/github/api.ts';
import { given } from './given.ts';

type Rest = InstanceType<typeof import('@actions/github/lib/utils').GitHub>['rest'];
type Item<Call extends (...args: never[]) => Promise<{ data: unknown[] }>> = Awaited<ReturnType<Call>>['data'][number];

/** Items that GitHub lists, as its OpenAPI description has them. */
export type ListedFile = Item<Rest['pulls']['listFiles']>;
export type ListedComment = Item<Rest['issues']['listComments']>;

/** Root of the API of an Enterprise Server. */
export const ROOT = 'https://ghe.example.org/api/v3';

/** The API of org/cluster at ROOT. nock sees the requests of Node's fetch, and not those of @actions/github's own. */
export async function connected(options: ApiOptions = {}): Promise<GithubApi> {
  // @actions/github reads the environment once, when it is loaded. The runner never ends the URL with a slash; people do.
  Object.assign(process.env, { GITHUB_API_URL: `${ROOT}/`, GITHUB_REPOSITORY: 'org/cluster' });
  const inputSource = given({ inputs: { 'api-token': 'a-token' } });
  const { api } = await connectGithub(inputSource, { pauseMs: 1, fetch: globalThis.fetch, ...options });
  return api;
}
