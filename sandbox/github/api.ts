import { fieldsOf } from '../../src/core/fields.ts';
import type { ListedFile } from '../git/pull-requests.ts';
import {
  type Address,
  type Answer,
  type HttpApi,
  type Incoming,
  parseJson,
  startHttpApi,
} from '../vendors/http-api.ts';
import { DeploymentStore, type StoredDeployment } from './deployments.ts';

export interface GithubOptions extends Address {
  readonly token: string;
  /** What a pull request of a repository (`owner/name`) changes. */
  readonly listFiles: (repository: string, number: number) => Promise<readonly ListedFile[]>;
  /** Called when a comment was made or changed. */
  readonly onComment?: (comment: StoredComment) => void;
  /** Called when a deployment got a status. */
  readonly onDeployment?: (deployment: StoredDeployment) => void;
}

export interface StoredComment {
  readonly id: number;
  /** `owner/name` of the repository. */
  readonly repository: string;
  readonly issue: number;
  body: string;
  /** Whether the token may change it. */
  mayChange: boolean;
}

/** A stand-in of the calls of GitHub's REST API that the action makes. */
export interface GithubStandIn extends HttpApi {
  /** All of them, oldest first; a test may add others'. */
  readonly comments: StoredComment[];
  /** What the token may not do, as where the job's permissions lack it. */
  readonly denied: Set<Denied>;
  /** All of them, oldest first. */
  readonly deployments: readonly StoredDeployment[];
  /** Those of every branch, each with the ID of its ruleset; a test may add some. */
  readonly rules: StoredRule[];
  readonly rulesets: StoredRuleset[];
}

/** https://docs.github.com/en/rest/repos/rules */
interface StoredRule {
  readonly type: string;
  readonly ruleset_id: number;
  readonly parameters?: object;
}

interface StoredRuleset {
  readonly id: number;
  readonly name: string;
  readonly current_user_can_bypass: 'always' | 'pull_requests_only' | 'never' | 'exempt';
}

type Denied = 'read' | 'comment' | 'deploy';

/** Most characters of a comment. */
const LONGEST_BODY = 65_536;

/**
 * Starts the stand-in (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files,
 * https://docs.github.com/en/rest/issues/comments, https://docs.github.com/en/rest/deployments). Its paths may begin with /api/v3, as those of an Enterprise Server.
 */
export async function startGithub(options: GithubOptions): Promise<GithubStandIn> {
  const state: State = {
    comments: [],
    deployments: new DeploymentStore(),
    denied: new Set(),
    rules: [],
    rulesets: [],
    options,
  };
  const api = await startHttpApi(
    {
      operationOf: (method, path) => routeOf(method, path)?.name,
      answer: (incoming) => answer(incoming, state),
      broken: (error) => ({ status: 500, body: { message: String(error) } }),
    },
    options,
  );
  const { comments, denied, rules, rulesets } = state;
  return Object.assign(api, { comments, denied, rules, rulesets, deployments: state.deployments.all });
}

interface State {
  readonly comments: StoredComment[];
  readonly deployments: DeploymentStore;
  readonly denied: Set<Denied>;
  readonly rules: StoredRule[];
  readonly rulesets: StoredRuleset[];
  readonly options: GithubOptions;
}

type Handler = (call: {
  readonly state: State;
  readonly repository: string;
  readonly id: number;
  readonly incoming: Incoming;
}) => Answer | Promise<Answer>;

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  readonly handler: Handler;
}

const STATUSES = /^deployments\/(\d+)\/statuses$/;

const ROUTES: readonly Route[] = [
  { name: 'pulls/list-files', method: 'GET', path: /^pulls\/(\d+)\/files$/, handler: listFiles },
  { name: 'issues/list-comments', method: 'GET', path: /^issues\/(\d+)\/comments$/, handler: listComments },
  { name: 'issues/create-comment', method: 'POST', path: /^issues\/(\d+)\/comments$/, handler: createComment },
  { name: 'issues/update-comment', method: 'PATCH', path: /^issues\/comments\/(\d+)$/, handler: updateComment },
  { name: 'repos/get-branch-rules', method: 'GET', path: /^rules\/branches\/([^/]+)$/, handler: branchRules },
  { name: 'repos/get-repo-ruleset', method: 'GET', path: /^rulesets\/(\d+)$/, handler: getRuleset },
  { name: 'repos/list-deployments', method: 'GET', path: /^deployments$/, handler: listDeployments },
  { name: 'repos/create-deployment', method: 'POST', path: /^deployments$/, handler: createDeployment },
  { name: 'repos/list-deployment-statuses', method: 'GET', path: STATUSES, handler: listStatuses },
  { name: 'repos/create-deployment-status', method: 'POST', path: STATUSES, handler: createStatus },
];

const DENIED: Answer = { status: 403, body: { message: 'Resource not accessible by integration' } };
const NOT_FOUND: Answer = { status: 404, body: { message: 'Not Found' } };

function routeOf(method: string, path: string) {
  const [, repository = '', rest = ''] = /^(?:\/api\/v3)?\/repos\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  const route = ROUTES.find((candidate) => candidate.method === method && candidate.path.test(rest));
  if (route === undefined) return undefined;
  return { ...route, repository, id: Number(route.path.exec(rest)?.[1]) };
}

async function answer(incoming: Incoming, state: State): Promise<Answer> {
  const token = /^(?:token|bearer) (.+)$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (token !== state.options.token) return { status: 401, body: { message: 'Bad credentials' } };
  const route = routeOf(incoming.method, incoming.path);
  if (route === undefined) return NOT_FOUND;
  const write = route.name.includes('deployment') ? 'deploy' : 'comment';
  if (state.denied.has(incoming.method === 'GET' ? 'read' : write)) return DENIED;
  return await route.handler({ state, incoming, repository: route.repository, id: route.id });
}

async function listFiles({ state, repository, id, incoming }: Parameters<Handler>[0]): Promise<Answer> {
  const all = await state.options.listFiles(repository, id);
  return page(all.slice(0, 3_000), incoming);
}

function listComments({ state, repository, id, incoming }: Parameters<Handler>[0]): Answer {
  const own = state.comments.filter((comment) => comment.repository === repository && comment.issue === id);
  return page(own.map(shown), incoming);
}

function createComment({ state, repository, id, incoming }: Parameters<Handler>[0]): Answer {
  const body = bodyOf(incoming);
  if (typeof body !== 'string') return body;
  const comment = { id: state.comments.length + 1, repository, issue: id, body, mayChange: true };
  state.comments.push(comment);
  state.options.onComment?.(comment);
  return { status: 201, body: shown(comment) };
}

function updateComment({ state, repository, id, incoming }: Parameters<Handler>[0]): Answer {
  const comment = state.comments.find((candidate) => candidate.id === id && candidate.repository === repository);
  if (comment === undefined) return NOT_FOUND;
  if (!comment.mayChange) return DENIED;
  const body = bodyOf(incoming);
  if (typeof body !== 'string') return body;
  comment.body = body;
  state.options.onComment?.(comment);
  return { status: 200, body: shown(comment) };
}

function branchRules({ state, incoming }: Parameters<Handler>[0]): Answer {
  return page(state.rules, incoming);
}

function getRuleset({ state, repository, id, incoming }: Parameters<Handler>[0]): Answer {
  const ruleset = state.rulesets.find((one) => one.id === id);
  if (ruleset === undefined) return NOT_FOUND;
  const href = `http://${incoming.headers.host}/${repository}/rules/${id}`;
  return { status: 200, body: { ...ruleset, _links: { html: { href } } } };
}

function listDeployments({ state, repository, incoming }: Parameters<Handler>[0]): Answer {
  return page(state.deployments.list(repository, queryOf(incoming).get('environment')), incoming);
}

function createDeployment({ state, repository, incoming }: Parameters<Handler>[0]): Answer {
  return state.deployments.create(repository, parseJson(incoming.text));
}

function listStatuses({ state, repository, id, incoming }: Parameters<Handler>[0]): Answer {
  const statuses = state.deployments.statuses(repository, id);
  return statuses === undefined ? NOT_FOUND : page(statuses, incoming);
}

function createStatus({ state, repository, id, incoming }: Parameters<Handler>[0]): Answer {
  const answered = state.deployments.addStatus(repository, id, parseJson(incoming.text));
  const deployment = state.deployments.all.find((one) => one.id === id);
  if (answered.status === 201 && deployment !== undefined) state.options.onDeployment?.(deployment);
  return answered;
}

function queryOf({ target, path }: Incoming): URLSearchParams {
  return new URLSearchParams(target.slice(path.length));
}

function bodyOf({ text }: Incoming): string | Answer {
  const { body } = fieldsOf(parseJson(text));
  if (typeof body === 'string' && body.length <= LONGEST_BODY) return body;
  const problem = { resource: 'IssueComment', code: 'unprocessable', field: 'data', message: 'Body is too long' };
  return { status: 422, body: { message: 'Validation Failed', errors: [problem] } };
}

function shown({ id, issue, body, repository }: StoredComment) {
  return {
    id,
    body,
    issue_url: `/repos/${repository}/issues/${issue}`,
    user: { login: 'github-actions[bot]', type: 'Bot' },
  };
}

/** One page, with the others in the Link header (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api). */
function page(all: readonly object[], incoming: Incoming): Answer {
  const { path, headers } = incoming;
  const query = queryOf(incoming);
  const size = Math.min(Number(query.get('per_page') ?? 30), 100);
  const number = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const url = (wanted: number) =>
    `http://${headers.host}${path}?${new URLSearchParams({ ...Object.fromEntries(query), page: String(wanted) })}`;
  const links = [
    ...(number > 1 ? [`<${url(1)}>; rel="first"`, `<${url(number - 1)}>; rel="prev"`] : []),
    ...(number < last ? [`<${url(number + 1)}>; rel="next"`, `<${url(last)}>; rel="last"`] : []),
  ];
  return {
    status: 200,
    ...(links.length > 0 ? { headers: { link: links.join(', ') } } : {}),
    body: all.slice((number - 1) * size, number * size),
  };
}
