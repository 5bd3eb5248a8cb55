import { ListBucketsCommand } from '@aws-sdk/client-s3';
import type { StepResult } from '../../sandbox/github-runner.ts';
import { deprovisioning, expectRemoved, shownSecrets } from '../scenarios/deprovisioned.ts';
import {
  actionCommits,
  bucketOf,
  type Config,
  eventually,
  expectProvisioned,
  livingPods,
  readWorkflows,
  secretNames,
  storageAs,
} from '../scenarios/outcome.ts';
import { GIT_TOKEN, leaseRef, type RunOptions, type World } from '../scenarios/world.ts';
import type { FaultCase } from './fault-case.ts';
import type { Stage } from './stage.ts';

/** Nothing works on the instance any more, and nothing that only a run needs is left. */
export async function expectNothingUnderWay({ world, instance }: Stage): Promise<void> {
  expect(await world.cluster.read(leaseRef(instance))).toBeUndefined();
  const names = await secretNames(world, instance);
  expect(names.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
  expect(await unstopped(world, instance)).toEqual([]);
  await eventually(async () => (await livingPods(world, instance)).length === 0, 30_000);
}

/** Workflows that have neither ended nor been asked to end. */
async function unstopped(world: World, instance: string): Promise<unknown[]> {
  const workflows = await readWorkflows(world, instance);
  return workflows.filter(({ spec, status }) => {
    const text = JSON.stringify({ spec, status });
    return !text.includes('"shutdown":"Terminate"') && !/"finishedAt":"/.test(text);
  });
}

/** No secret of the instance, of an administrator, of a vendor's account or of git stands in what a run shows. */
export function expectNoSecret({ world }: Stage, result: StepResult, config: Config): void {
  expect(shownSecrets(world, result, config)).toEqual([]);
  const { mongodbDigitalocean, mongodbAtlas } = world.vendors.settings;
  const accounts = Object.entries({ ...mongodbDigitalocean, ...mongodbAtlas });
  const keys = accounts.flatMap(([name, value]) => (/TOKEN$|SECRET$|PRIVATE_KEY$/.test(name) ? [value] : []));
  const shown = result.log.replaceAll(/^::add-mask::.*$/gm, '') + result.summary + JSON.stringify(result.outputs);
  expect([GIT_TOKEN, ...keys].filter((secret) => shown.includes(secret))).toEqual([]);
}

/** A run that succeeded has no error. */
export function expectGreen({ log, code }: StepResult): void {
  expect(log.match(/^::error.*/gm) ?? []).toEqual([]);
  expect(code).toBe(0);
}

/** The instance is complete, or nothing of it is left; once, and by one commit. */
export async function expectDone(stage: Stage, { operation }: FaultCase, before: Config | undefined): Promise<Config> {
  const { world, scenario, instance } = stage;
  await expectNothingUnderWay(stage);
  const commits = await actionCommits(world, scenario);
  if (operation === 'deprovision') {
    const config = before ?? {};
    await expectRemoved(world, scenario, config);
    expect(await bucketsOf(stage)).toEqual([]);
    expect(commits).toHaveLength(2);
    return config;
  }
  const config = await expectProvisioned(world, scenario);
  expect(await bucketsOf(stage)).toEqual([bucketOf(config)]);
  expect(commits).toEqual([`feat: add instance ${instance}`]);
  return config;
}

/** The options of a run of the case's operation. */
export function optionsOf(stage: Stage, { operation, options }: FaultCase): RunOptions {
  const given = options?.(stage) ?? {};
  return operation === 'deprovision' ? deprovisioning(stage.scenario, given) : given;
}

async function bucketsOf({ world, instance }: Stage): Promise<string[]> {
  const client = storageAs(world);
  try {
    const { Buckets = [] } = await client.send(new ListBucketsCommand());
    return Buckets.flatMap(({ Name = '' }) => (Name.startsWith(`launchpad-${instance}-`) ? [Name] : []));
  } finally {
    client.destroy();
  }
}
