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

/** Kills the run when it is about to push. */
function beforePush(world: World): Arm {
  return (_, die) => {
    world.git.beforePush = async () => die();
  };
}

/** Kills the run when its push is done, before it gets the answer. */
function afterPush(world: World): Arm {
  return (_, die) => {
    world.git.afterPush = async () => {
      die();
      return false;
    };
  };
}

/** Moments that a run passes whatever its operation. */
export function commonMoments(world: World): Readonly<Record<string, Arm>> {
  return {
    'when it has the Lease': afterRequest(world, 'POST', () => '/leases\\?'),
    'when the first Secret is stored': afterRequest(world, 'POST', (instance) => `/namespaces/${instance}/secrets\\?`),
    'when the first workflow is submitted': afterRequest(world, 'POST', (instance) => `/${instance}/workflows\\?`),
    'while it waits for the workflows': afterRequest(world, 'GET', () => '/workflows\\?.*watch=true'),
    'when the temporary Secrets are being deleted': afterRequest(
      world,
      'DELETE',
      (instance) => `/${instance}/secrets\\?.*role%3Dtemporary`,
    ),
    'before the push': beforePush(world),
    'after the push, before it gets the answer': afterPush(world),
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
