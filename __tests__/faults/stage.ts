import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type Front, startFront } from '../../sandbox/faults/front.ts';
import { type HttpFront, startHttpFront } from '../../sandbox/faults/http.ts';
import { type FaultProxy, startFaultProxy } from '../../sandbox/faults/proxy.ts';
import type { RunningStep, StepResult } from '../../sandbox/github-runner.ts';
import { livingPods } from '../scenarios/outcome.ts';
import { GIT_TOKEN, type RunOptions, type Scenario, type World } from '../scenarios/world.ts';

/** One instance, with servers of its own before those of the world: a fault strikes its runs and no other's. */
export interface Stage {
  readonly world: World;
  readonly scenario: Scenario;
  readonly instance: string;
  /** The Kubernetes API, as the action reaches it. */
  readonly api: FaultProxy;
  /** The Kubernetes API, as the pods reach it. */
  readonly podApi: FaultProxy;
  readonly git: HttpFront;
  readonly mysql: Front;
  readonly mongodb: Front;
  readonly storage: HttpFront;
  readonly digitalocean: HttpFront;
  readonly atlas: HttpFront;
  /** The run that meets the fault. */
  readonly running: () => RunningStep;
  /** Pods of this instance whose names begin so get the signal. */
  signalPods(prefix: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** MongoDB refuses that command for this instance, once. */
  mongodbRefuses(command: string, refusal: { readonly code: number; readonly codeName: string }): void;
  /** The Argo Workflows controller does nothing for this instance from now on; in a real cluster for none. */
  stopController(): Promise<void>;
  startController(): Promise<void>;
  /** A checkout whose remote is `git`. */
  checkout(): Promise<Checkout>;
  start(options?: RunOptions): Promise<RunningStep>;
  run(options?: RunOptions): Promise<StepResult>;
  /** Ends all faults. */
  mend(): Promise<void>;
  /** Whether a server has a fault that did not strike. */
  readonly isIdle: boolean;
  close(): Promise<void>;
}

interface Cluster {
  readonly stopped: Set<string>;
  readonly apis: Map<string, FaultProxy>;
}

const clusters = new WeakMap<World, Cluster>();

/** What the controller of a world does in which namespace. */
function clusterOf(world: World): Cluster {
  const known = clusters.get(world);
  if (known !== undefined) return known;
  const made: Cluster = { stopped: new Set(), apis: new Map() };
  clusters.set(world, made);
  Object.assign(world.sandbox?.controller.faults ?? {}, {
    isStopped: (namespace: string) => made.stopped.has(namespace),
    apiOf: (namespace: string) => {
      const proxy = made.apis.get(namespace);
      return proxy === undefined
        ? undefined
        : { host: '127.0.0.1', port: Number(new URL(proxy.url).port), ca: proxy.ca };
    },
  });
  return made;
}

/** @param provider who runs MongoDB; undefined: the settings' own server */
export async function openStage(world: World, provider: 'digitalocean' | 'atlas' | undefined): Promise<Stage> {
  const scenario = await world.scenario();
  const { instance } = scenario;
  const cluster = clusterOf(world);
  const setting = (name: string) => world.settings[`LAUNCHPAD_${name}`] ?? '';
  const databaseAt = (name: string, port: number) => ({
    host: setting(`${name}_HOST`),
    port: Number(setting(`${name}_PORT`)) || port,
  });
  const host = world.sandbox === undefined ? ownAddress(setting('MYSQL_HOST')) : '127.0.0.1';
  const at = host === undefined ? {} : { host };
  // What a run asks MySQL is seen only where the connection is not encrypted.
  const { LAB_MARIADB_PORT: unencrypted } = process.env;
  const mysqlPort = world.sandbox === undefined && unencrypted !== undefined ? { port: Number(unencrypted) } : {};
  const [api, podApi, git, storage, digitalocean, atlas, mysql, mongodb] = await Promise.all([
    startFaultProxy(world.kubeconfig),
    startFaultProxy(world.kubeconfig),
    startHttpFront({ url: world.git.url }),
    startHttpFront({ url: setting('STORAGE_ENDPOINT_URL'), ...at }),
    startHttpFront({ url: world.vendors.digitalocean.url }),
    startHttpFront({ url: world.vendors.atlas.url }),
    startFront({ ...databaseAt('MYSQL', 3306), ...mysqlPort }, at),
    startFront(databaseAt('MONGODB', 27017), at),
  ]);
  cluster.apis.set(instance, podApi);
  const vendor = {
    digitalocean: { ...world.vendors.settings.mongodbDigitalocean, LAUNCHPAD_DIGITALOCEAN_API_URL: digitalocean.url },
    atlas: { ...world.vendors.settings.mongodbAtlas, LAUNCHPAD_ATLAS_API_URL: atlas.url },
  };
  // The pods of a real cluster do not reach this process, unless the servers are at an address of this machine.
  const own =
    host === undefined
      ? {}
      : {
          LAUNCHPAD_MYSQL_PORT: String(mysql.port),
          LAUNCHPAD_MONGODB_PORT: String(mongodb.port),
          LAUNCHPAD_STORAGE_ENDPOINT_URL: storage.url,
          ...(provider === undefined ? {} : vendor[provider]),
        };
  let running: RunningStep | undefined;
  const checkouts: (() => Promise<void>)[] = [];
  const checkout = async () => {
    const made = await checkOut(`${git.url}/${scenario.repository}.git`, GIT_TOKEN);
    checkouts.push(made.remove);
    return made;
  };
  const start = async ({ inputs, settings, checkout: given, ...others }: RunOptions = {}) => {
    running = await scenario.start({
      ...others,
      checkout: given ?? (await checkout()),
      inputs: { kubeconfig: api.kubeconfig, ...inputs },
      settings: { ...own, ...settings },
    });
    return running;
  };
  /** Commands that MongoDB is still to refuse. */
  const refusals = new Set<string>();
  const fronts = [api, podApi, git, storage, digitalocean, atlas];
  return {
    world,
    scenario,
    instance,
    api,
    podApi,
    git,
    mysql,
    mongodb,
    storage,
    digitalocean,
    atlas,
    running: () => {
      if (running === undefined) throw new Error('No run has begun.');
      return running;
    },
    signalPods: async (prefix, signal) => {
      world.sandbox?.controller.signalPods(prefix, signal, instance);
      if (world.sandbox === undefined) await deletePods(world, instance, prefix, signal);
    },
    mongodbRefuses: (name, refusal) => {
      refusals.add(name);
      world.sandbox?.mongodb.faults.push((command) => {
        if (command[name] === undefined || !JSON.stringify(command).includes(instance)) return undefined;
        return refusals.delete(name) ? refusal : undefined;
      });
    },
    stopController: async () => {
      cluster.stopped.add(instance);
      await scaleController(world, 0);
    },
    startController: async () => {
      cluster.stopped.delete(instance);
      await scaleController(world, 1);
    },
    checkout,
    start,
    run: async (options) => await (await start(options)).done,
    mend: async () => {
      for (const front of fronts) front.clear();
      refusals.clear();
      cluster.stopped.delete(instance);
      for (const front of [mysql, mongodb]) {
        front.fault(undefined);
        await front.close();
        await front.open();
      }
    },
    get isIdle() {
      return refusals.size > 0 || [...fronts, mysql, mongodb].some((front) => front.isIdle);
    },
    close: async () => {
      cluster.apis.delete(instance);
      for (const remove of checkouts) await remove();
      await Promise.all([...fronts.map((front) => front.stop()), mysql.close(), mongodb.close()]);
    },
  };
}

/** The host, if it is an address of this machine: then pods reach what listens there. */
function ownAddress(host: string): string | undefined {
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
  return own.includes(host) ? host : undefined;
}

/** SIGKILL: without the time that a pod has to end. */
async function deletePods(world: World, instance: string, prefix: string, signal: string): Promise<void> {
  const names = (await livingPods(world, instance)).filter((name) => name.startsWith(prefix));
  const how = signal === 'SIGKILL' ? ['--grace-period=0', '--force'] : [];
  await kubectl('delete', 'pod', '-n', instance, '--wait=false', ...how, ...names);
}

async function kubectl(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('kubectl', args);
}

async function scaleController(world: World, replicas: number): Promise<void> {
  if (world.sandbox !== undefined) return;
  await kubectl('scale', 'deployment/workflow-controller', '-n', 'argo', `--replicas=${replicas}`);
}
