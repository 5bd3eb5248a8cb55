import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Deletions, finishDeletions } from '../../sandbox/argocd/deletions.ts';
import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type FaultProxy, startFaultProxy } from '../../sandbox/faults/proxy.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { type RunningStep, type StepResult, startStep } from '../../sandbox/github-runner.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { serversOf } from '../../sandbox/vendors/servers.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors/vendors.ts';
import { Cluster } from '../../src/cluster/api/client.ts';
import { keepRunLog } from './run-logs.ts';

const root = path.join(import.meta.dirname, '..', '..');
const REPOSITORY = 'example-org/cluster';

/** Where scenarios run: the sandbox, or the cluster of KUBECONFIG with the databases of the LAUNCHPAD_* variables. */
export interface World {
  /** Undefined in a real cluster. */
  readonly sandbox: Sandbox | undefined;
  /** An administrator's client, past the proxy. */
  readonly cluster: Cluster;
  /** An administrator's kubeconfig, past the proxy. */
  readonly kubeconfig: string;
  /** The API server that the action's kubeconfig names: a proxy that a test can make fail. */
  readonly proxy: FaultProxy;
  readonly git: GitServer;
  readonly settings: Readonly<Record<string, string>>;
  /** APIs of managed databases before this world's servers. */
  readonly vendors: Vendors;
  /** Finishes deletions of Applications, as Argo CD does: neither world has an Argo CD. */
  readonly deletions: Deletions;
  /** A new instance in a new repository. */
  scenario(files?: Readonly<Record<string, string>>, name?: string): Promise<Scenario>;
  /** Several new instances in one repository; a run that any of them starts is for all. */
  several(names: readonly string[], files?: Readonly<Record<string, string>>): Promise<Scenario[]>;
  /** Ends all faults and hooks of the servers; paused deletions stay paused. */
  clearFaults(): void;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly event?: string;
  /** The event's payload. */
  readonly payload?: object;
  readonly ref?: string;
  readonly runId?: string;
  /** Another checkout than the newest. */
  readonly checkout?: Checkout;
}

/** One instance, its cluster repository, and runs of the action for it. */
export interface Scenario {
  readonly instance: string;
  /** Name of the repository on the git server. */
  readonly repository: string;
  checkout(): Promise<Checkout>;
  /** Starts a run on a new checkout. */
  start(options?: RunOptions): Promise<RunningStep>;
  run(options?: RunOptions): Promise<StepResult>;
  /** config.yml at the head of main. */
  config(): Promise<string>;
  /** Ends the Lease of a run that died, as time does. */
  expireLease(): Promise<void>;
}

/** Token of the checkouts, which may push. */
export const GIT_TOKEN = 'scenario-token-5f2c';

/** Opens the world that LAUNCHPAD_WORLD names. */
export async function openWorld(): Promise<World> {
  const sandbox = process.env.LAUNCHPAD_WORLD === 'cluster' ? undefined : await startSandbox();
  const kubeconfig = sandbox?.kubernetes.kubeconfig() ?? (await readFile(process.env.KUBECONFIG ?? '', 'utf8'));
  const proxy = await startFaultProxy(kubeconfig);
  const git = await startGitServer([
    { name: 'x-access-token', password: GIT_TOKEN, mayPush: true },
    { name: 'x-access-token', password: 'may-only-read', mayPush: false },
  ]);
  const cluster = await Cluster.connect({ source: { kind: 'content', text: kubeconfig } });
  const deletions = finishDeletions(cluster);
  const settings = sandbox?.settings ?? settingsOfEnvironment();
  const vendors = sandbox?.vendors ?? (await startVendors(serversOf(settings)));
  // The sandbox's servers apply a change at once.
  Object.assign(sandbox?.controller.podEnvironment ?? {}, { PATIENCE_INTERVAL_MS: '50', PATIENCE_LIMIT_MS: '1500' });
  sandbox?.argocd.credentials.set(git.url, { username: 'x-access-token', password: GIT_TOKEN });
  const cleanups: (() => Promise<unknown>)[] = [];
  const repositories = new Set<string>();

  /** Instances that share a repository, which is made for the first of them. */
  const scenarioOf = (names: readonly string[], files: Readonly<Record<string, string>>) => {
    const first = repositoryOf(names[0] ?? '');
    const repository = repositories.has(first) ? `${first}-${randomBytes(2).toString('hex')}` : first;
    repositories.add(repository);
    const created = git.createRepository(repository, { 'README.md': 'Instances\n', ...files });
    const checkout = async () => {
      const made = await checkOut(await created, GIT_TOKEN);
      cleanups.push(made.remove);
      return made;
    };
    const start = async ({ inputs = {}, settings: others = {}, checkout: given, ...event }: RunOptions = {}) => {
      const running = await startStep({
        main: path.join(root, 'build', 'main', 'index.js'),
        post: path.join(root, 'build', 'post', 'index.js'),
        workspace: (given ?? (await checkout())).directory,
        repository,
        inputs: {
          instance: names.join(', '),
          kubeconfig: proxy.kubeconfig,
          'cluster-domain': 'example.org',
          ...inputs,
        },
        environment: { ...settings, ...others },
        ...event,
      });
      const done = async () => {
        const result = await running.done;
        await keepRunLog(result.log);
        return result;
      };
      return { ...running, done: done() };
    };
    return async (name: string): Promise<Scenario> => {
      await created;
      cleanups.push(() => removeInstance(cluster, name));
      return {
        instance: name,
        repository,
        checkout,
        start,
        run: async (options) => await (await start(options)).done,
        config: async () => (await git.read(repository, `instances/${name}/config.yml`))?.toString('utf8') ?? '',
        expireLease: async () => {
          await cluster.delete(leaseRef(name));
        },
      };
    };
  };

  return {
    sandbox,
    cluster,
    kubeconfig,
    proxy,
    git,
    settings,
    vendors,
    deletions,
    scenario: async (files = {}, name = newName()) => await scenarioOf([name], files)(name),
    several: async (names, files = {}) => {
      const make = scenarioOf(names, files);
      return await Promise.all(names.map(make));
    },
    clearFaults: () => {
      proxy.clear();
      Object.assign(git, { beforePush: undefined, afterPush: undefined, protectedBranch: undefined });
      for (const api of [vendors.digitalocean, vendors.atlas]) api.fault = undefined;
      if (sandbox === undefined) return;
      const { kubernetes, controller } = sandbox;
      kubernetes.missingKinds.clear();
      kubernetes.access.deny(() => false);
      controller.resume();
      Object.assign(controller.faults, {
        podRefusal: undefined,
        unschedulable: undefined,
        isTemplateUnknown: undefined,
        isPostponed: undefined,
        isLocked: undefined,
      });
    },
    stop: async () => {
      for (const cleanup of cleanups) await cleanup();
      await deletions.stop();
      await cluster.close();
      await proxy.stop();
      await git.stop();
      if (sandbox === undefined) await vendors.stop();
      await sandbox?.stop();
    },
  };
}

/** The cluster repository of a world's first scenario with an instance of that name: owner and name. */
export function repositoryOf(instance: string): string {
  return `${REPOSITORY}-${instance}`;
}

/** A name that no other instance has. */
export function newName(): string {
  return `s-${randomBytes(4).toString('hex')}`;
}

export function leaseRef(instance: string) {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: `launchpad-${instance}`, namespace: 'argocd' },
  };
}

function settingsOfEnvironment(): Record<string, string> {
  const names = Object.entries(process.env).filter(
    ([name]) => name.startsWith('LAUNCHPAD_') && name !== 'LAUNCHPAD_WORLD',
  );
  return Object.fromEntries(names.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function removeInstance(cluster: Cluster, name: string): Promise<void> {
  await cluster.delete(leaseRef(name));
  const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' };
  const ref = { ...application, metadata: { name: `${name}-production`, namespace: 'argocd' } };
  if ((await cluster.read(ref)) !== undefined) await cluster.patch(ref, { metadata: { finalizers: null } });
  await cluster.delete(ref);
  await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
