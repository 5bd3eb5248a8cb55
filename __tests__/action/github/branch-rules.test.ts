import nock from 'nock';
import { refusingRulesOf } from '../../../src/action/github/branch-rules.ts';
import { refusalBy } from '../../../src/action/github/rules.ts';
import { connected, ROOT } from '../github-api.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const REPOSITORY = { owner: 'org', name: 'cluster' };
const URL = 'https://ghe.example.org/org/cluster/rules/5';
const COMMIT = {
  messages: ['feat: add instance school\n\nhttps://ghe.example.org/run/1\nStarted by ada'],
  paths: ['instances/school/config.yml'],
  email: 'bot@example.org',
};
const NEW = { certain: [COMMIT], possible: [COMMIT] };

interface GivenRule {
  readonly type: string;
  readonly parameters?: object;
}

function givenRules(rules: readonly GivenRule[]): void {
  const answer = rules.map((rule) => ({ ...rule, ruleset_id: 5, ruleset_source_type: 'Repository' }));
  nock(ROOT).get('/repos/org/cluster/rules/branches/main').query(true).reply(200, answer);
}

/** What GitHub answers: the rules of branch main, and who bypasses ruleset 5. */
async function refusing(rules: readonly GivenRule[], bypass: string | undefined, commits = NEW) {
  givenRules(rules);
  const ruleset = { id: 5, name: 'Protect main', current_user_can_bypass: bypass, _links: { html: { href: URL } } };
  nock(ROOT).get('/repos/org/cluster/rulesets/5').reply(200, ruleset);
  return await refusingRulesOf(await connected(), REPOSITORY, 'main', commits);
}

const typesOf = (...types: string[]) => types.map((type) => ({ type }));
const named = (words: string) => `${words} (ruleset "Protect main", ${URL})`;

describe('the rules that refuse a push', () => {
  it.each([
    [['pull_request', 'deletion'], 'never', ['changes need a pull request']],
    [['pull_request', 'update'], 'pull_requests_only', ['changes need a pull request', 'updates are restricted']],
    [['pull_request'], 'always', []],
    [['pull_request'], 'exempt', []],
    [['pull_request'], undefined, []],
    [['deletion', 'non_fast_forward', 'creation'], 'never', []],
    [[], undefined, []],
  ])('are %j for a token that bypasses them %s', async (types, bypass, expected) => {
    expect((await refusing(typesOf(...types), bypass)).certain).toEqual(expected.map(named));
  });

  it('are of the commits that are certain, or of those that are perhaps made', async () => {
    const parameters = { operator: 'starts_with', pattern: 'JIRA-' };
    const rules = [{ type: 'commit_message_pattern', parameters }];
    const words = named('the commit message ("feat: add instance school") must start with JIRA-');
    expect(await refusing(rules, 'never')).toEqual({ certain: [words], possible: [words] });
    expect(await refusing(rules, 'never', { certain: [], possible: [COMMIT] })).toEqual({
      certain: [],
      possible: [words],
    });
    expect((await refusing(rules, 'always')).possible).toEqual([]);
  });

  it('are not known where the token may not read the ruleset', async () => {
    givenRules(typesOf('update'));
    nock(ROOT).get('/repos/org/cluster/rulesets/5').reply(404, { message: 'Not Found' });
    await expect(refusingRulesOf(await connected(), REPOSITORY, 'main', NEW)).rejects.toMatchObject({
      code: 'github-refused',
    });
  });
});

describe('a rule of a branch', () => {
  const pattern = (operator: string, text: string, negate = false) => ({ operator, pattern: text, negate });
  it.each([
    ['pull_request', {}, 'need a pull request'],
    ['merge_queue', {}, 'need the merge queue'],
    ['update', {}, 'updates are restricted'],
    ['required_signatures', {}, 'must be signed'],
    ['required_status_checks', {}, 'status checks must pass'],
    ['required_deployments', {}, 'deployments must succeed'],
    ['code_scanning', {}, 'code scanning must have results'],
    ['commit_message_pattern', pattern('starts_with', 'JIRA-'), 'must start with JIRA-'],
    ['commit_message_pattern', pattern('starts_with', 'feat', true), 'must not start with feat'],
    ['commit_message_pattern', pattern('ends_with', 'signed'), 'must end with signed'],
    ['commit_message_pattern', pattern('contains', 'ticket'), 'must contain ticket'],
    ['commit_message_pattern', pattern('regex', '^[A-Z]+-\\d+'), 'must match ^[A-Z]+-\\d+'],
    ['commit_message_pattern', pattern('regex', '^feat', true), 'must not match ^feat'],
    ['commit_author_email_pattern', pattern('ends_with', '@corp.example'), "the author's address (bot@example.org)"],
    ['committer_email_pattern', pattern('regex', '@corp\\.example$'), "the committer's address (bot@example.org)"],
    ['file_path_restriction', { restricted_file_paths: ['instances/**/*.yml'] }, 'instances/school/config.yml'],
    ['file_path_restriction', { restricted_file_paths: ['instances/school/config.yml'] }, 'restricted path'],
    ['file_extension_restriction', { restricted_file_extensions: ['.yml'] }, 'restricted path'],
    ['file_extension_restriction', { restricted_file_extensions: ['*.yml'] }, 'restricted path'],
    ['max_file_path_length', { max_file_path_length: 20 }, 'at most 20 characters (instances/school/config.yml)'],
  ])('of type %s with %j refuses the commit', (type, parameters, words) => {
    expect(refusalBy({ type, parameters: { ...parameters } }, [COMMIT])).toContain(words);
  });

  it.each([
    ['commit_message_pattern', pattern('starts_with', 'feat')],
    ['commit_message_pattern', pattern('ends_with', 'Started by ada')],
    ['commit_message_pattern', pattern('regex', '^(feat|fix|chore): ')],
    // Whether it matches depends on how ^ and . are meant.
    ['commit_message_pattern', pattern('regex', '^Started')],
    ['commit_message_pattern', pattern('regex', 'school.*ada')],
    // JavaScript does not read it.
    ['commit_message_pattern', pattern('regex', '(?P<ticket>[A-Z]+)')],
    // Of exponential time in JavaScript.
    ['commit_message_pattern', pattern('regex', '^(.|\\s|\\w)*!$')],
    ['commit_message_pattern', pattern('unheard_of', 'x')],
    ['commit_message_pattern', {}],
    ['commit_author_email_pattern', pattern('ends_with', '@example.org')],
    ['committer_email_pattern', pattern('contains', 'corp', true)],
    ['file_path_restriction', { restricted_file_paths: ['.github/**/*', 'instances/*.yml', '*.yml'] }],
    ['file_path_restriction', { restricted_file_paths: ['instances/[a-z]*/config.yml'] }],
    ['file_extension_restriction', { restricted_file_extensions: ['.exe', '*.zip', 'ml'] }],
    ['max_file_path_length', { max_file_path_length: 255 }],
    ['max_file_size', { max_file_size: 1 }],
    ['required_linear_history', {}],
    ['non_fast_forward', {}],
    ['creation', {}],
    ['deletion', {}],
    ['branch_name_pattern', pattern('starts_with', 'release/')],
    ['tag_name_pattern', pattern('starts_with', 'v')],
    ['workflows', { workflows: [{ path: '.github/workflows/test.yml' }] }],
    ['copilot_code_review', {}],
    ['a_type_of_tomorrow', {}],
  ])('of type %s with %j is left to the push', (type, parameters) => {
    expect(refusalBy({ type, parameters: { ...parameters } }, [COMMIT])).toBeUndefined();
  });

  it('counts only where it refuses each message that the commit may have', () => {
    const parameters = { operator: 'starts_with', pattern: 'feat' };
    const either = { ...COMMIT, messages: ['chore: update instance school', 'feat: add instance school'] };
    expect(refusalBy({ type: 'commit_message_pattern', parameters }, [either])).toBeUndefined();
  });
});
