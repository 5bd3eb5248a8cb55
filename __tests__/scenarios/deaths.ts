import type { RunOptions, Scenario, World } from './world.ts';

/** Prepares the death of a run at a certain moment. */
export type Arm = (scenario: Scenario, die: () => void) => void;

/** Kills the run when the API server has done what that request asks, before the run gets the answer. */
export function afterRequest(world: World, method: string, path: (instance: string) => string): Arm {
  return ({ instance }, die) => {
    world.proxy.add({
      method,
      path: new RegExp(path(instance)),
      times: 1,
      fault: { kind: 'call', when: 'after', work: die },
    });
  };
}

/** Starts a run that dies at that moment, and lets its Lease expire. */
export async function killedRun(world: World, scenario: Scenario, arm: Arm, options: RunOptions = {}): Promise<void> {
  let isDead = false;
  const killed = await scenario.start(options);
  arm(scenario, () => {
    isDead = true;
    killed.die();
  });
  await killed.done;
  expect(isDead).toBe(true);
  world.clearFaults();
  await scenario.expireLease();
}
