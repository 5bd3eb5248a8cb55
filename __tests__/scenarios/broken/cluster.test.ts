import { actionCommits } from '../outcome.ts';
import { openWorld } from '../world.ts';
import { annotations, expectFirstError } from './first-error.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

describe('an image that cannot be pulled', () => {
  it('is logged during the wait, with what to do, and is the error in the end', async () => {
    const scenario = await world.scenario();
    const image = 'registry.invalid/none:1';
    const timeout = world.sandbox === undefined ? '60s' : '15s';
    const result = await scenario.run({ inputs: { 'provisioner-image': image, timeout } });
    const early = annotations(result.log, 'warning').map(({ text }) => text);
    for (const kind of ['mysql', 'mongodb', 'storage']) {
      const own = early.filter((text) => new RegExp(`^${kind}-\\S+: an image of its pod cannot be pulled`).test(text));
      expect(own).toEqual([expect.stringContaining('What to do: Check input provisioner-image')]);
    }
    expectFirstError(result, {
      title: /^(MySQL|MongoDB|Storage)(, (MySQL|MongoDB|Storage)){2}: image cannot be pulled$/,
      what: /(did not end within \d+ s and was terminated|ended as Failed): an image of its pod cannot be pulled: .*registry\.invalid\/none:1/,
      where: new RegExp(`workflow \\S+ in namespace ${scenario.instance}`),
      remedy: /Check input provisioner-image/,
    });
    expect(annotations(result.log)).toHaveLength(1);
  }, 240_000);
});

describe('a kubeconfig', () => {
  it('that is none is named as the input to mend', async () => {
    const scenario = await world.scenario();
    expectFirstError(await scenario.run({ inputs: { kubeconfig: 'clusters: [unclosed' } }), {
      title: /^Kubernetes: invalid kubeconfig$/,
      what: /is not the YAML of a kubeconfig, nor base64 of it/,
      where: /The kubeconfig of input kubeconfig/,
      remedy: /kubectl config view --raw --minify --flatten/,
    });
  });

  it('whose credentials have expired is named with the server that refuses them', async () => {
    const scenario = await world.scenario();
    world.proxy.add({ path: /./, fault: { kind: 'answer', status: 401, reason: 'Unauthorized' } });
    expectFirstError(await scenario.run(), {
      title: /^Kubernetes: credentials not accepted$/,
      what: /refused \S+ \S+: 401/,
      where: /The Kubernetes API server https:\/\/127\.0\.0\.1:\d+/,
      remedy: /may have expired, or belong to another cluster\. Renew it/,
    });
    world.proxy.clear();
    expect(await actionCommits(world, scenario)).toEqual([]);
  });
});
