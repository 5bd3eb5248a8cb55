import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';
import type { HostedRepository } from '../../inputs/event/origin.ts';
import type { InputSource } from '../../inputs/input-source.ts';
import type { ActionLog } from '../log/action-log.ts';
import { connectGithub, type GithubApi } from './api.ts';
import { type ExpectedCommit, type Rule, refusalBy } from './rules.ts';

/** Milliseconds for the questions: without an answer the push itself shows it. */
const LONGEST_MS = 5_000;

type RepositoryName = Pick<HostedRepository, 'owner' | 'name'>;

interface RulesOptions {
  readonly inputSource: InputSource;
  readonly log: ActionLog;
  /** The token that pushes; undefined: the checkout's credentials, which may be those of another identity. */
  readonly pushToken: string | undefined;
  readonly commits: ExpectedCommits;
}

/** The commits of the step. */
export interface ExpectedCommits {
  /** Those of new instances, and of instances that are deprovisioned. */
  readonly certain: readonly ExpectedCommit[];
  /** Those of instances in which perhaps nothing is to be changed. */
  readonly possible: readonly ExpectedCommit[];
}

/**
 * Asks GitHub, before anything is created, whether a rule of the branch refuses a push by the token. It warns where the push
 * is by the checkout's credentials, as these may bypass the rule, and where there may be no commit. Branch protection of the
 * older kind is shown to administrators only, and bypasses to those who may read the ruleset: what is not known is left to
 * the push.
 *
 * @throws LaunchpadError `push-branch-protected`
 */
export async function checkBranchRules(
  repository: RepositoryName,
  branch: string,
  { inputSource, log, pushToken, commits }: RulesOptions,
): Promise<void> {
  const found = await refusingRules(repository, branch, { inputSource, log, pushToken, commits });
  const refused = found.certain.length > 0 ? found.certain : found.possible;
  if (refused.length === 0) return;
  const what = `Branch ${branch} of ${repository.owner}/${repository.name} is protected: ${refused.join(', ')}`;
  const remedy = `Add the pushing identity to the rule's bypass list (repository settings, Rules), and give its token as input github-token.`;
  if (pushToken === undefined) {
    log.warning(`${what}. The push will be refused unless the checkout's credentials bypass the rule. ${remedy}`);
    return;
  }
  if (found.certain.length === 0) {
    log.warning(`${what}. The push will be refused if a file must be changed. ${remedy}`);
    return;
  }
  const title = `Git: branch ${branch} is protected`;
  throw new LaunchpadError('push-branch-protected', `${what}. The token of github-token cannot bypass that.`, {
    title,
    remedy: `${remedy} Nothing was created.`,
  });
}

interface Refusals {
  /** Why the push of a certain commit is refused, or that of any, in words. */
  readonly certain: readonly string[];
  /** Why that of a possible one is. */
  readonly possible: readonly string[];
}

async function refusingRules(
  repository: RepositoryName,
  branch: string,
  { inputSource, log, pushToken, commits }: RulesOptions,
): Promise<Refusals> {
  try {
    const signal = AbortSignal.timeout(LONGEST_MS);
    const { api } = await connectGithub(inputSource, { log, signal, token: pushToken });
    return await refusingRulesOf(api, repository, branch, commits);
  } catch (error) {
    log.debug(`The rules of branch ${branch} were not read: ${messageOf(error)}`);
    return { certain: [], possible: [] };
  }
}

/** Without those that the token bypasses, or of which that is not known. */
export async function refusingRulesOf(
  api: GithubApi,
  repository: RepositoryName,
  branch: string,
  { certain, possible }: ExpectedCommits,
): Promise<Refusals> {
  const judged = (await branchRules(api, repository, branch)).map((rule) => {
    return { id: rule.ruleset, certain: refusalBy(rule, certain), possible: refusalBy(rule, possible) };
  });
  const refusing = judged.filter((rule) => rule.certain !== undefined || rule.possible !== undefined);
  const rulesets = new Map(
    await Promise.all(
      [...new Set(refusing.map(({ id }) => id))].map(async (id) => [id, await rulesetOf(api, repository, id)] as const),
    ),
  );
  const wordsOf = (key: keyof Refusals) =>
    refusing.flatMap((rule) => {
      const ruleset = rulesets.get(rule.id);
      if (rule[key] === undefined || !['never', 'pull_requests_only'].includes(ruleset?.bypass ?? '')) return [];
      const page = ruleset?.url === undefined ? '' : `, ${ruleset.url}`;
      return [`${rule[key]} (ruleset "${ruleset?.name}"${page})`];
    });
  return { certain: [...new Set(wordsOf('certain'))], possible: [...new Set(wordsOf('possible'))] };
}

/** A rule, and the ID of its ruleset. */
interface BranchRule extends Rule {
  readonly ruleset: number;
}

/**
 * The rules that apply to a branch, whoever pushes, each with its ruleset
 * (https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch).
 */
async function branchRules(
  api: GithubApi,
  { owner, name: repo }: RepositoryName,
  branch: string,
): Promise<BranchRule[]> {
  const { data } = await api.request(`read the rules of branch ${branch}`, ({ rest }) =>
    rest.repos.getBranchRules({ owner, repo, branch, per_page: 100 }),
  );
  return data.flatMap(({ type, ruleset_id: ruleset, ...rule }) => {
    const parameters = 'parameters' in rule ? fieldsOf(rule.parameters) : {};
    return ruleset === undefined ? [] : [{ type, ruleset, parameters }];
  });
}

interface Ruleset {
  readonly name: string;
  readonly url: string | undefined;
  /** Whether the token bypasses it, in GitHub's words; undefined if GitHub does not say so. */
  readonly bypass: string | undefined;
}

/** A ruleset of the repository, or of its organization. */
async function rulesetOf(api: GithubApi, { owner, name: repo }: RepositoryName, id: number): Promise<Ruleset> {
  const { data } = await api.request(`read ruleset ${id}`, ({ rest }) =>
    rest.repos.getRepoRuleset({ owner, repo, ruleset_id: id }),
  );
  return { name: data.name, url: data._links?.html?.href, bypass: data.current_user_can_bypass };
}
