import { load, loadAll } from 'js-yaml';
import { LaunchpadError } from '../../core/errors.ts';
import { type Fields, fieldsOf, textIn } from '../../core/fields.ts';
import type { ClusterConventions } from '../objects/conventions.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';

/**
 * Parses a manifest file (one or several YAML documents) and gives its objects the instance's namespace and
 * label; a WorkflowTemplate also gets the labels, annotations and resources of its pods. Values are set on the parsed
 * objects; the text is never templated.
 *
 * @param text content of a file of `manifests/`
 * @throws LaunchpadError `action-incomplete` if a document is not a Kubernetes object
 */
export function instanceObjects(text: string, instance: string, conventions: ClusterConventions): KubeObject[] {
  return loadAll(text).map((document) => {
    if (!isNamedObject(document)) {
      throw new LaunchpadError(
        'action-incomplete',
        'A manifest of the action has a document that is not a Kubernetes object.',
      );
    }
    const { metadata } = document;
    return {
      ...(document.kind === 'WorkflowTemplate'
        ? withTemplates(withPodMetadata(document, conventions), conventions)
        : document),
      metadata: { ...metadata, namespace: instance, labels: { ...metadata.labels, [INSTANCE_LABEL]: instance } },
    };
  });
}

/** What the manifest has itself counts more. */
function withPodMetadata(template: NamedObject, { podLabels, podAnnotations }: ClusterConventions): KubeObject {
  const spec = fieldsOf(template.spec);
  const own = fieldsOf(spec.podMetadata);
  const podMetadata = {
    labels: { ...podLabels, ...fieldsOf(own.labels) },
    annotations: { ...podAnnotations, ...fieldsOf(own.annotations) },
  };
  return { ...template, spec: { ...spec, podMetadata } };
}

function withTemplates(template: KubeObject, conventions: ClusterConventions): KubeObject {
  const spec = fieldsOf(template.spec);
  const templates = listIn(spec.templates).map((one) => withMutexes(withResources(one, conventions), conventions));
  return { ...template, spec: { ...spec, templates } };
}

/**
 * The resources of the containers: ours, and those that Argo adds, which the patch of the pod names. The patch comes after
 * `executor.resources` of the controller's configuration: where that has some, the patch has none.
 */
function withResources(template: Fields, { podResources, argo }: ClusterConventions): Fields {
  if (podResources === undefined && argo?.hasExecutorResources !== true && argo?.isInitless !== true) return template;
  const own = podResources === undefined ? {} : { resources: podResources };
  const { initContainers, containers } = fieldsOf(load(textIn(template, 'podSpecPatch') ?? ''));
  const changed = (list: unknown) =>
    listIn(list).map(({ resources, ...rest }) => ({
      ...rest,
      ...(argo?.hasExecutorResources === true ? {} : { resources }),
      ...own,
    }));
  const patch = argo?.isInitless
    ? { containers: changed(containers).map((one) => ({ ...one, name: 'supervisor' })) }
    : { initContainers: changed(initContainers), containers: changed(containers) };
  return {
    ...template,
    podSpecPatch: JSON.stringify(patch),
    container: { ...fieldsOf(template.container), ...own },
  };
}

/** The mutexes are in Argo CD's namespace, as instances share them. */
function withMutexes({ synchronization, ...rest }: Fields, { argocdNamespace: namespace }: ClusterConventions): Fields {
  if (synchronization === undefined) return rest;
  const mutexes = listIn(fieldsOf(synchronization).mutexes).map((mutex) => ({ ...mutex, namespace }));
  return { ...rest, synchronization: { ...fieldsOf(synchronization), mutexes } };
}

function listIn(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

interface NamedObject extends KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
}

function isNamedObject(value: unknown): value is NamedObject {
  const object = fieldsOf(value);
  return (
    ['apiVersion', 'kind'].every((key) => key in object) && textIn(fieldsOf(object.metadata), 'name') !== undefined
  );
}
