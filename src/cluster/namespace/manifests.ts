import { loadAll } from 'js-yaml';
import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';

/**
 * Parses a manifest file (one or several YAML documents) and gives its objects the instance's namespace and
 * label. Values are set on the parsed objects; the text is never templated.
 *
 * @param text content of a file of `manifests/`
 * @throws LaunchpadError `action-incomplete` if a document is not a Kubernetes object
 */
export function instanceObjects(text: string, instance: string): KubeObject[] {
  return loadAll(text).map((document) => {
    if (!isNamedObject(document)) {
      throw new LaunchpadError(
        'action-incomplete',
        'A manifest of the action has a document that is not a Kubernetes object.',
      );
    }
    const { metadata } = document;
    return {
      ...document,
      metadata: { ...metadata, namespace: instance, labels: { ...metadata.labels, [INSTANCE_LABEL]: instance } },
    };
  });
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
