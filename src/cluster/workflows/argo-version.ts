import { load } from 'js-yaml';
import { LaunchpadError } from '../../core/errors.ts';
import { type Fields, fieldsOf, listIn, textIn } from '../../core/fields.ts';
import type { Cluster } from '../api/client.ts';
import { isForbidden } from '../api/errors.ts';
import type { ArgoFacts } from '../objects/conventions.ts';
import type { KubeObject } from '../objects/objects.ts';

/**
 * The least version: from it on a template's `synchronization` has the list `mutexes`. An older controller ignores it
 * without a word, and calls to one managed cluster would run at the same time
 * (https://github.com/argoproj/argo-workflows/blob/main/docs/deprecations.md).
 */
const LEAST = { major: 3, minor: 6 };

const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/**
 * Requires that Argo Workflows is new enough, as far as that can be read: from the image of its controller, else from the
 * definition of its kind, which is large. All permissions for it are optional.
 *
 * @returns what its configuration says of pods
 * @throws LaunchpadError `argo-too-old`
 */
export async function requireArgoVersion(cluster: Cluster): Promise<ArgoFacts> {
  const labelSelector = 'app=workflow-controller';
  const pods = (await readable(cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector })))?.items ?? [];
  const versions = pods.flatMap(imagesOf).flatMap(versionOf);
  const old = versions.find(({ isTooOld }) => isTooOld);
  if (old !== undefined) throw tooOld(`is ${old.image}`);
  if (versions.length === 0) await requireMutexes(cluster);
  const known = await Promise.all(pods.map((pod) => configurationOf(cluster, pod)));
  // Where there are several controllers, what all of them have.
  const all = (isSo: (fields: Fields) => boolean) => known.length > 0 && known.every(isSo);
  return {
    hasExecutorResources: all(({ executor }) => Object.keys(fieldsOf(fieldsOf(executor).resources)).length > 0),
    isInitless: all(({ initlessPod }) => fieldsOf(initlessPod).enabled === true),
  };
}

async function requireMutexes(cluster: Cluster): Promise<void> {
  const definition = await readable(cluster.read({ ...CRD, metadata: { name: 'workflows.argoproj.io' } }));
  if (definition !== undefined && hasMutexes(definition) === false) throw tooOld('does not know a list of mutexes');
}

/**
 * The settings in the ConfigMap that the controller reads: all under `config`, or one a key
 * (https://argo-workflows.readthedocs.io/en/stable/workflow-controller-configmap/). Empty where it cannot be read.
 */
async function configurationOf(cluster: Cluster, { metadata, spec }: KubeObject): Promise<Fields> {
  const options = listIn(fieldsOf(spec), 'containers').flatMap(({ command, args }) =>
    [command, args].flat().map(String),
  );
  const named = /--configmap[= ](\S+)/.exec(options.join(' '))?.[1] ?? 'workflow-controller-configmap';
  const type = { apiVersion: 'v1', kind: 'ConfigMap', namespace: metadata?.namespace ?? '' };
  const configMaps = await readable(cluster.list(type));
  const data = fieldsOf(fieldsOf(configMaps?.items.find((one) => one.metadata?.name === named)).data);
  const { executor, initlessPod } = data;
  return { executor: yamlIn(executor), initlessPod: yamlIn(initlessPod), ...fieldsOf(yamlIn(data.config)) };
}

/** What is not YAML is the controller's to complain of. */
function yamlIn(text: unknown): unknown {
  try {
    return typeof text === 'string' ? load(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for a definition without a schema, as the small ones of Argo's releases are. */
function hasMutexes({ spec }: KubeObject): boolean | undefined {
  const [version] = listIn(fieldsOf(spec), 'versions');
  const schema = ['schema', 'openAPIV3Schema', 'properties', 'spec', 'properties', 'synchronization', 'properties'];
  const properties = schema.reduce((fields, name) => fieldsOf(fields[name]), fieldsOf(version));
  return Object.keys(properties).length === 0 ? undefined : 'mutexes' in properties;
}

function imagesOf({ spec }: KubeObject): string[] {
  return listIn(fieldsOf(spec), 'containers').flatMap((container) => textIn(container, 'image') ?? []);
}

function versionOf(image: string): { image: string; isTooOld: boolean }[] {
  const [, major, minor] = /workflow-controller:v(\d+)\.(\d+)\./.exec(image) ?? [];
  if (major === undefined || minor === undefined) return [];
  const isMajorOld = Number(major) < LEAST.major;
  return [{ image, isTooOld: isMajorOld || (Number(major) === LEAST.major && Number(minor) < LEAST.minor) }];
}

function tooOld(what: string): LaunchpadError {
  const least = `${LEAST.major}.${LEAST.minor}`;
  return new LaunchpadError(
    'argo-too-old',
    `Argo Workflows in this cluster is too old: its controller ${what}. The action needs ${least} or later.`,
    { remedy: `Upgrade Argo Workflows to ${least} or later, then run again.` },
  );
}

/** Undefined where the user may not read it, or it does not exist. */
async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
