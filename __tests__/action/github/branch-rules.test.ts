import nock from 'nock';
import { refusingRulesOf } from '../../../src/action/github/branch-rules.ts';
import { connected, ROOT } from '../github-api.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const REPOSITORY = { owner: 'org', name: 'cluster' };

/** What GitHub answers: the rules of branch main, and who bypasses ruleset 5. */
async function refusing(types: readonly string[], bypass: string | undefined): Promise<string[]> {
  const rules = types.map((type) => ({ type, ruleset_id: 5, ruleset_source_type: 'Repository' }));
  nock(ROOT).get('/repos/org/cluster/rules/branches/main').query(true).reply(200, rules);
  nock(ROOT).get('/repos/org/cluster/rulesets/5').reply(200, { id: 5, current_user_can_bypass: bypass });
  return await refusingRulesOf(await connected(), REPOSITORY, 'main');
}

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
    expect(await refusing(types, bypass)).toEqual(expected);
  });

  it('are not known where the token may not read the ruleset', async () => {
    nock(ROOT)
      .get('/repos/org/cluster/rules/branches/main')
      .query(true)
      .reply(200, [{ type: 'update', ruleset_id: 5 }]);
    nock(ROOT).get('/repos/org/cluster/rulesets/5').reply(404, { message: 'Not Found' });
    await expect(refusingRulesOf(await connected(), REPOSITORY, 'main')).rejects.toMatchObject({
      code: 'github-refused',
    });
  });
});
