import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type Front, startFront } from '../../sandbox/faults/front.ts';
import { type HttpFront, startHttpFront } from '../../sandbox/faults/http.ts';
import { type FaultProxy, startFaultProxy } from '../../sandbox/faults/proxy.ts';
import type { RunningStep, StepResult } from '../../sandbox/github-runner.ts';
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
  signalPods(prefix: string, signal: 'SIGTERM' | 'SIGKILL'): void;
  /** MongoDB refuses that command for this instance, once. */
  mongodbRefuses(command: string, refusal: { readonly code: number; readonly codeName: string }): void;
  /** The Argo Workflows controller does nothing for this instance from now on. */
  stopController(): void;
  startController(): void;
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
  const [api, podApi, git, storage, digitalocean, atlas, mysql, mongodb] = await Promise.all([
    startFaultProxy(world.kubeconfig),
    startFaultProxy(world.kubeconfig),
    startHttpFront({ url: world.git.url }),
    startHttpFront({ url: setting('STORAGE_ENDPOINT_URL') }),
    startHttpFront({ url: world.vendors.digitalocean.url }),
    startHttpFront({ url: world.vendors.atlas.url }),
    startFront(databaseAt('MYSQL', 3306)),
    startFront(databaseAt('MONGODB', 27017)),
  ]);
  cluster.apis.set(instance, podApi);
  const vendor = {
    digitalocean: { ...world.vendors.settings.mongodbDigitalocean, LAUNCHPAD_DIGITALOCEAN_API_URL: digitalocean.url },
    atlas: { ...world.vendors.settings.mongodbAtlas, LAUNCHPAD_ATLAS_API_URL: atlas.url },
  };
  // The pods of a real cluster do not reach this process.
  const own =
    world.sandbox === undefined
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
    signalPods: (prefix, signal) => world.sandbox?.controller.signalPods(prefix, signal, instance),
    mongodbRefuses: (name, refusal) => {
      refusals.add(name);
      world.sandbox?.mongodb.faults.push((command) => {
        if (command[name] === undefined || !JSON.stringify(command).includes(instance)) return undefined;
        return refusals.delete(name) ? refusal : undefined;
      });
    },
    stopController: () => {
      cluster.stopped.add(instance);
    },
    startController: () => {
      cluster.stopped.delete(instance);
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
