import type { RunOptions, Scenario, World } from './world.ts';

/** Sees to it that a run dies at a certain moment. */
export type Arm = (scenario: Scenario, die: () => void) => void;

/** Kills the run when the API server has done what that request asks, before the run hears of it. */
export function afterRequest(world: World, method: string, path: (instance: string) => RegExp): Arm {
  return ({ instance }, die) => {
    world.proxy.add({ method, path: path(instance), times: 1, fault: { kind: 'call', when: 'after', work: die } });
  };
}

/** Kills the run when it is about to push. */
export function beforePush(world: World): Arm {
  return (_, die) => {
    world.git.beforePush = async () => die();
  };
}

/** Kills the run when its push is done, before it hears of it. */
export function afterPush(world: World): Arm {
  return (_, die) => {
    world.git.afterPush = async () => {
      die();
      return false;
    };
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
  spare(world);
  await scenario.expireLease();
}

/** From now on no run dies. */
export function spare({ proxy, git }: World): void {
  proxy.clear();
  git.beforePush = undefined;
  git.afterPush = undefined;
}
