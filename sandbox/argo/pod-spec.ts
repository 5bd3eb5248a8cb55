import { isObject, type JsonObject, listAt, objectAt, type StoredObject, textAt } from '../kubernetes/json.ts';
import { kindNamed } from '../kubernetes/kinds.ts';
import type { Store } from '../kubernetes/store.ts';

/** A pod that can be started: its command, its environment, and the files that are mounted into it. */
export interface PodSpec {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** Directory in the pod, and the ConfigMap that is mounted there. */
  readonly mounts: readonly { readonly path: string; readonly files: Readonly<Record<string, string | Buffer>> }[];
  /** Output parameters, and the files that hold them. */
  readonly outputs: readonly OutputParameter[];
  /** The file of the termination message. */
  readonly messageFile: string;
  /** Whether the end of the log is the message of a container that failed without one. */
  readonly fallsBackToLogs: boolean;
}

interface OutputParameter {
  readonly name: string;
  readonly path: string;
  /** What it is where the file is not there. */
  readonly default: string | undefined;
}

/** Why a pod cannot be started yet, in the words of the kubelet. */
export class NotStartable extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The template that a Workflow refers to, in its namespace. */
export function templateOf(store: Store, workflow: StoredObject): StoredObject | undefined {
  const name = textAt(objectAt(objectAt(workflow, 'spec'), 'workflowTemplateRef'), 'name');
  return store.find(kindNamed('WorkflowTemplate'), workflow.metadata.namespace ?? '', name);
}

/** The template's name by which a Workflow begins: its own choice, else that of the WorkflowTemplate. */
export function entrypointOf(workflow: StoredObject, template: StoredObject): string {
  return textAt(objectAt(workflow, 'spec'), 'entrypoint') || textAt(objectAt(template, 'spec'), 'entrypoint');
}

/** What the WorkflowTemplate has under the name of the entrypoint. */
export function entryTemplateOf(workflow: StoredObject, template: StoredObject): JsonObject | undefined {
  const entrypoint = entrypointOf(workflow, template);
  return listAt(objectAt(template, 'spec'), 'templates')
    .filter(isObject)
    .find((one) => textAt(one, 'name') === entrypoint);
}

/**
 * What the pod of a Workflow is, with its parameters filled in.
 *
 * @param entry the template of the entrypoint
 * @throws NotStartable while a Secret or a ConfigMap that it names is not there
 */
export function podSpecOf(store: Store, workflow: StoredObject, template: StoredObject, entry: JsonObject): PodSpec {
  const { spec, found } = filledIn(workflow, template, entry);
  const container = objectAt(found, 'container');
  const namespace = workflow.metadata.namespace ?? '';
  return {
    image: textAt(container, 'image'),
    command: listAt(container, 'command').map(String),
    environment: environmentOf(store, namespace, container),
    serviceAccount: serviceAccountOf(template),
    mounts: mountsOf(store, namespace, spec, container),
    outputs: outputsOf(objectAt(found, 'outputs')),
    messageFile: textAt(container, 'terminationMessagePath') || '/dev/termination-log',
    fallsBackToLogs: textAt(container, 'terminationMessagePolicy') === 'FallbackToLogsOnError',
  };
}

/** The service account that the pod runs as. */
export function serviceAccountOf(template: StoredObject): string {
  return textAt(objectAt(template, 'spec'), 'serviceAccountName') || 'default';
}

/** Locks that are held while the pod runs, as Argo writes them (workflow/sync/lock_name.go of argo-workflows). */
export function mutexesOf(workflow: StoredObject, template: StoredObject, entry: JsonObject): string[] {
  return listAt(objectAt(filledIn(workflow, template, entry).found, 'synchronization'), 'mutexes')
    .filter(isObject)
    .map((mutex) => `${textAt(mutex, 'namespace') || workflow.metadata.namespace}/Mutex/${textAt(mutex, 'name')}`);
}

/** Labels that the template gives the pod. */
export function podLabelsOf(workflow: StoredObject, template: StoredObject, entry: JsonObject): JsonObject {
  return objectAt(objectAt(filledIn(workflow, template, entry).found, 'metadata'), 'labels');
}

/** Milliseconds after which the kubelet waits between its attempts. */
const BACK_OFF_MS = 500;

/** Why the image cannot be pulled, in the words of the kubelet: at first, and when it waits for its next attempt. */
export function pullFailure(image: string, forMs: number): NotStartable | undefined {
  if (!/^[a-z0-9][\w.:/@-]*$/.test(image)) {
    const why = `couldn't parse image name "${image}": invalid reference format`;
    return new NotStartable('InvalidImageName', `Failed to apply default image tag "${image}": ${why}`);
  }
  if (/(^|\/)node:/.test(image)) return undefined;
  if (forMs > BACK_OFF_MS) return new NotStartable('ImagePullBackOff', `Back-off pulling image "${image}"`);
  const why = `failed to resolve reference "${image}": ${image}: not found`;
  return new NotStartable('ErrImagePull', `failed to pull and unpack image "${image}": ${why}`);
}

function filledIn(workflow: StoredObject, template: StoredObject, entry: JsonObject) {
  const values = valuesOf(workflow, template, entry);
  return { spec: substituted(objectAt(template, 'spec'), values), found: substituted(entry, values) };
}

function outputsOf(outputs: JsonObject): OutputParameter[] {
  return listAt(outputs, 'parameters')
    .filter(isObject)
    .map((parameter) => {
      const from = objectAt(parameter, 'valueFrom');
      const fallback = typeof from.default === 'string' ? from.default : undefined;
      return { name: textAt(parameter, 'name'), path: textAt(from, 'path'), default: fallback };
    });
}

type Values = ReadonlyMap<string, string>;

function valuesOf(workflow: StoredObject, template: StoredObject, entry: JsonObject): Values {
  const argumentsOf = (object: JsonObject) =>
    listAt(objectAt(objectAt(object, 'spec'), 'arguments'), 'parameters').filter(isObject);
  const given = [...argumentsOf(template), ...argumentsOf(workflow)];
  const values = new Map<string, string>();
  for (const { name, value } of given) {
    if (typeof value === 'string') values.set(`workflow.parameters.${String(name)}`, value);
  }
  // An input of the entrypoint is the argument of its name, else its own value.
  for (const { name, value } of listAt(objectAt(entry, 'inputs'), 'parameters').filter(isObject)) {
    const input = given.findLast((argument) => argument.name === name)?.value ?? value;
    if (typeof input === 'string') values.set(`inputs.parameters.${String(name)}`, input);
  }
  const { name, namespace = '', uid, creationTimestamp } = workflow.metadata;
  const seconds = String(Math.floor(Date.parse(String(creationTimestamp)) / 1000));
  return values
    .set('workflow.name', name)
    .set('workflow.namespace', namespace)
    .set('workflow.uid', uid)
    .set('workflow.creationTimestamp.s', seconds);
}

/** `{{…}}` replaced in every text; one that has no value stays, and breaks what uses it. */
function substituted(object: JsonObject, values: Values): JsonObject {
  const text = JSON.stringify(object).replace(/\{\{([\w.-]+)\}\}/g, (whole, name: string) => {
    const value = values.get(name);
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1);
  });
  const filled: JsonObject = JSON.parse(text);
  return filled;
}

function environmentOf(store: Store, namespace: string, container: JsonObject): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const variable of listAt(container, 'env').filter(isObject)) {
    const name = textAt(variable, 'name');
    const ref = objectAt(objectAt(variable, 'valueFrom'), 'secretKeyRef');
    if (textAt(ref, 'name') === '') environment[name] = textAt(variable, 'value');
    else {
      const value = secretValue(store, namespace, ref);
      if (value !== undefined) environment[name] = value;
    }
  }
  return environment;
}

function secretValue(store: Store, namespace: string, ref: JsonObject): string | undefined {
  const [name, key] = [textAt(ref, 'name'), textAt(ref, 'key')];
  const secret = store.find(kindNamed('Secret'), namespace, name);
  const value = objectAt(secret, 'data')[key];
  if (typeof value === 'string') return Buffer.from(value, 'base64').toString('utf8');
  if (ref.optional === true) return undefined;
  const what =
    secret === undefined ? `secret "${name}" not found` : `couldn't find key ${key} in Secret ${namespace}/${name}`;
  throw new NotStartable('CreateContainerConfigError', what);
}

function mountsOf(store: Store, namespace: string, spec: JsonObject, container: JsonObject): PodSpec['mounts'] {
  return listAt(container, 'volumeMounts')
    .filter(isObject)
    .map((mount) => {
      const volume = listAt(spec, 'volumes')
        .filter(isObject)
        .find((one) => textAt(one, 'name') === textAt(mount, 'name'));
      if (isObject(volume?.emptyDir)) return { path: textAt(mount, 'mountPath'), files: {} };
      const name = textAt(objectAt(volume, 'configMap'), 'name');
      const configMap = store.find(kindNamed('ConfigMap'), namespace, name);
      if (configMap === undefined) throw new NotStartable('ContainerCreating', `configmap "${name}" not found`);
      const texts = Object.entries(objectAt(configMap, 'data')).map(([file, text]) => [file, String(text)]);
      const bytes = Object.entries(objectAt(configMap, 'binaryData')).map(([file, text]) => [
        file,
        Buffer.from(String(text), 'base64'),
      ]);
      return { path: textAt(mount, 'mountPath'), files: Object.fromEntries([...texts, ...bytes]) };
    });
}
