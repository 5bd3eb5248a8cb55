import { startGithub } from '../../../sandbox/github/api.ts';
import { annotations } from '../broken/first-error.ts';
import { actionCommits, expectProvisioned } from '../outcome.ts';
import { GIT_TOKEN, openWorld } from '../world.ts';

const world = await openWorld();
const github = await startGithub({ token: GIT_TOKEN, listFiles: async () => [] });
afterAll(async () => {
  await github.stop();
  await world.stop();
});

const RULESET = { id: 5, name: 'Protect main' };

describe('a ruleset of the branch', () => {
  const settings = { GITHUB_API_URL: github.url };
  const inputs = { 'api-token': GIT_TOKEN, 'github-token': GIT_TOKEN };
  const given = (type: string, parameters: object, bypass: 'never' | 'always') => {
    github.rules.splice(0, Infinity, { type, ruleset_id: RULESET.id, parameters });
    github.rulesets.splice(0, Infinity, { ...RULESET, current_user_can_bypass: bypass });
  };

  it.each([
    ['pull_request', {}, 'changes need a pull request'],
    [
      'commit_message_pattern',
      { operator: 'starts_with', pattern: 'JIRA-' },
      'the commit message ("feat: add instance INSTANCE") must start with JIRA-',
    ],
    ['file_path_restriction', { restricted_file_paths: ['instances/**/*'] }, 'instances/INSTANCE/config.yml'],
  ])('that refuses the commit is said before anything is created: %s', async (type, parameters, words) => {
    given(type, parameters, 'never');
    const scenario = await world.scenario();
    const { code, log } = await scenario.run({ inputs, settings });
    expect(code).toBe(1);
    const [error, ...others] = annotations(log);
    expect(others).toEqual([]);
    expect(error?.title).toBe('Git: branch main is protected');
    expect(error?.text).toContain(words.replace('INSTANCE', scenario.instance));
    expect(error?.text).toContain(`(ruleset "Protect main", ${github.url}/${scenario.repository}/rules/5)`);
    expect(log).toMatch(/^No changes were made\.$/m);
    expect(await actionCommits(world, scenario)).toEqual([]);
  });

  it('that the token bypasses, or that asks nothing of an instance without changes, does not stop a run', async () => {
    const parameters = { operator: 'starts_with', pattern: 'JIRA-' };
    given('commit_message_pattern', parameters, 'always');
    const scenario = await world.scenario();
    const first = await scenario.run({ inputs, settings });
    expect(first.code).toBe(0);
    expect(annotations(first.log, 'warning')).toEqual([]);
    await expectProvisioned(world, scenario);
    given('commit_message_pattern', { operator: 'contains', pattern: 'JIRA-' }, 'never');
    const second = await scenario.run({ inputs, settings });
    expect(second.code).toBe(0);
    expect(second.outputs.changed).toBe('false');
    expect(annotations(second.log, 'warning').map(({ text }) => text)).toEqual([
      expect.stringMatching(/must contain JIRA-.* The push will be refused if a file must be changed\./),
    ]);
  });
});
