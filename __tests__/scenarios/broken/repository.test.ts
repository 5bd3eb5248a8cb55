import { actionCommits, expectProvisioned } from '../outcome.ts';
import { openWorld } from '../world.ts';
import { expectFirstError } from './first-error.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

describe('a branch that is protected', () => {
  it('is named, and a re-run finishes with the same passwords', async () => {
    const scenario = await world.scenario();
    world.git.protectedBranch = 'main';
    const refused = await scenario.run();
    expectFirstError(refused, {
      title: /^Git: branch main is protected$/,
      what: /is protected: the push was refused/,
      where: /Branch main of https?:\/\/\S+/,
      remedy: /bypass the rule.*input github-token.*what is done already is kept/,
    });
    expect(refused.log).toContain('Workflows: mysql, mongodb and storage succeeded.');
    expect(refused.summary).toContain('Nothing was committed, and no Application was applied.');
    world.git.protectedBranch = undefined;
    const next = await scenario.run();
    expect(next.code).toBe(0);
    expect(next.summary).toMatch(/MySQL user \| `launchpad-\S+` \| unchanged/);
    expect(next.summary).toMatch(/MongoDB user \| `launchpad-\S+` \| unchanged/);
    await expectProvisioned(world, scenario);
  });
});

describe('what the operator wrote', () => {
  it('as a name that is none: the input and the rule are named', async () => {
    const scenario = await world.scenario();
    expectFirstError(await scenario.run({ inputs: { instance: 'My_School' } }), {
      title: /^Invalid settings$/,
      what: /"My_School" is invalid\. Choose a name of 1 to 40 lower-case letters/,
      where: /Input instance/,
      remedy: /Correct them in the step's `with:`/,
    });
  });

  it('as YAML that is none: file, line and column are named', async () => {
    const name = `s-yaml-${Date.now().toString(36)}`;
    const file = `instances/${name}/config.yml`;
    const scenario = await world.scenario({ [file]: 'LMS_HOST: "a.example.org"\nMYSQL_HOST: @host\n' }, name);
    expectFirstError(await scenario.run(), {
      title: /^config\.yml: not usable$/,
      what: /no value can begin with @ here/,
      where: new RegExp(`^${file}:2:\\d+:`),
      remedy: /Write the value in double quotes/,
    });
    expect(await actionCommits(world, scenario)).toEqual([]);
  });
});
