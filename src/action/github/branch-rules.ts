import { LaunchpadError, messageOf } from '../../core/errors.ts';
import type { HostedRepository } from '../../inputs/event/origin.ts';
import type { InputSource } from '../../inputs/input-source.ts';
import type { ActionLog } from '../log/action-log.ts';
import { connectGithub, type GithubApi } from './api.ts';

/** Milliseconds for the questions: without an answer the push itself shows it. */
const LONGEST_MS = 5_000;

/** Rules that refuse the action's push, by GitHub's name of their type (https://docs.github.com/en/rest/repos/rules). */
const REFUSING: Readonly<Record<string, string>> = {
  pull_request: 'changes need a pull request',
  merge_queue: 'changes need the merge queue',
  update: 'updates are restricted',
  required_signatures: 'commits must be signed',
  required_status_checks: 'status checks must pass before the push',
};

type RepositoryName = Pick<HostedRepository, 'owner' | 'name'>;

interface RulesOptions {
  readonly inputSource: InputSource;
  readonly log: ActionLog;
  /** The token that pushes; undefined: the checkout's credentials, which may be those of another identity. */
  readonly pushToken: string | undefined;
}

/**
 * Asks GitHub, before anything is created, whether a rule of the branch refuses a push by the token. It warns where the push
 * is by the checkout's credentials, as these may bypass the rule. Branch protection of the older kind is shown to
 * administrators only, and bypasses to those who may read the ruleset: what is not known is left to the push.
 *
 * @throws LaunchpadError `push-branch-protected`
 */
export async function checkBranchRules(
  repository: RepositoryName,
  branch: string,
  { inputSource, log, pushToken }: RulesOptions,
): Promise<void> {
  const refused = await refusingRules(repository, branch, { inputSource, log, pushToken });
  if (refused.length === 0) return;
  const what = `Branch ${branch} of ${repository.owner}/${repository.name} is protected: ${refused.join(', ')}`;
  const remedy = `Add the pushing identity to the rule's bypass list (repository settings, Rules), and give its token as input github-token.`;
  if (pushToken === undefined) {
    log.warning(`${what}. The push will be refused unless the checkout's credentials bypass the rule. ${remedy}`);
    return;
  }
  const title = `Git: branch ${branch} is protected`;
  throw new LaunchpadError('push-branch-protected', `${what}. The token of github-token cannot bypass that.`, {
    title,
    remedy: `${remedy} Nothing was created.`,
  });
}

async function refusingRules(
  repository: RepositoryName,
  branch: string,
  { inputSource, log, pushToken }: RulesOptions,
): Promise<string[]> {
  try {
    const signal = AbortSignal.timeout(LONGEST_MS);
    const { api } = await connectGithub(inputSource, { log, signal, token: pushToken });
    return await refusingRulesOf(api, repository, branch);
  } catch (error) {
    log.debug(`The rules of branch ${branch} were not read: ${messageOf(error)}`);
    return [];
  }
}

/** In words; without those that the token bypasses, or of which that is not known. */
export async function refusingRulesOf(api: GithubApi, repository: RepositoryName, branch: string): Promise<string[]> {
  const rules = (await branchRules(api, repository, branch)).filter(({ type }) => REFUSING[type] !== undefined);
  const rulesets = [...new Set(rules.map(({ ruleset }) => ruleset))];
  const bypasses = new Map(
    await Promise.all(rulesets.map(async (id) => [id, await bypassOf(api, repository, id)] as const)),
  );
  const refusing = rules.filter(({ ruleset }) => ['never', 'pull_requests_only'].includes(bypasses.get(ruleset) ?? ''));
  return [...new Set(refusing.map(({ type }) => REFUSING[type] ?? type))];
}

/**
 * The rules that apply to a branch, whoever pushes, each with its ruleset
 * (https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch).
 */
async function branchRules(
  api: GithubApi,
  { owner, name: repo }: RepositoryName,
  branch: string,
): Promise<{ type: string; ruleset: number }[]> {
  const { data } = await api.request(`read the rules of branch ${branch}`, ({ rest }) =>
    rest.repos.getBranchRules({ owner, repo, branch, per_page: 100 }),
  );
  return data.flatMap(({ type, ruleset_id: ruleset }) => (ruleset === undefined ? [] : [{ type, ruleset }]));
}

/** Whether the token bypasses a ruleset, in GitHub's words; undefined if GitHub does not say so. */
async function bypassOf(
  api: GithubApi,
  { owner, name: repo }: RepositoryName,
  id: number,
): Promise<string | undefined> {
  const { data } = await api.request(`read ruleset ${id}`, ({ rest }) =>
    rest.repos.getRepoRuleset({ owner, repo, ruleset_id: id }),
  );
  return data.current_user_can_bypass;
}
