import { type Github, startGithubFor } from '../pull-requests.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
const github: Github = await startGithubFor(world);
world.sandbox?.argocd.switchOn();
afterAll(async () => {
  await github.stop();
  await world.stop();
});

it("a sandbox is waited for at its own branch's commit, which the base branch does not have", async () => {
  const scenario = await world.scenario();
  const { instance, repository } = scenario;
  const pullRequest = await github.open(scenario, {
    [`instances/${instance}/config.yml`]: 'A: "b"\n',
    [`instances/${instance}/env/app.yml`]: 'kind: Deployment\n',
  });
  const inputs = { 'wait-for-sync': 'true', 'repository-url': `${world.git.url}/${repository}.git` };
  const opened = await pullRequest.run({ action: 'opened', inputs });
  expect(opened.log).not.toContain('::error');
  expect(opened.code).toBe(0);
  const head = await pullRequest.head();
  expect(opened.log).toContain(`${instance}-production: Synced at ${head.slice(0, 7)}, Healthy`);
  expect(opened.outputs).toMatchObject({ 'sync-status': 'Synced', 'commit-sha': head });

  const merged = await pullRequest.mergeAndRun(inputs);
  expect(merged.log).not.toContain('::error');
  const main = await world.git.git(repository, 'rev-parse', 'main');
  expect(main).not.toBe(head);
  expect(merged.log).toContain(`${instance}-production: Synced at ${main.slice(0, 7)}, Healthy`);
});
