import { isDeepStrictEqual } from 'node:util';
import type { ResourceState } from '../../core/report.ts';
import type { KubeObject } from '../objects/objects.ts';

/** Fields of the metadata that the API server keeps for itself. */
const SERVER_METADATA = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp']);
/** Fields beside the metadata that controllers write, at any time, and an apply of ours never does. */
const CONTROLLER_FIELDS = new Set(['status', 'operation']);

/**
 * Paths of the fields that are not the same in both, such as `spec.templates[0].container.image`: never a value, as it may
 * be a Secret's. What the API server and controllers write by themselves does not count.
 */
export function changedFields(before: KubeObject, after: KubeObject): string[] {
  return differences(comparable(before), comparable(after), '');
}

function comparable({ metadata, ...rest }: KubeObject): Readonly<Record<string, unknown>> {
  const kept = (fields: object, left: ReadonlySet<string>) =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => !left.has(field)));
  return { ...kept(rest, CONTROLLER_FIELDS), metadata: kept(metadata ?? {}, SERVER_METADATA) };
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => differences(item, after[index], `${path}[${index}]`));
  }
  if (!isMapping(before) || !isMapping(after)) return [path];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.flatMap((field) => differences(before[field], after[field], joined(path, field)));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function joined(path: string, field: string): string {
  if (!/^[\w-]+$/.test(field)) return `${path}[${JSON.stringify(field)}]`;
  return path === '' ? field : `${path}.${field}`;
}

/**
 * What an apply came to: whether the object was made, changed in what people set (labels, annotations, finalizers, spec),
 * or is as it was. Its resourceVersion does not tell, as a controller may have written its status meanwhile.
 *
 * @param before the object as it was, undefined where there was none
 */
export function stateAfter(before: KubeObject | undefined, after: KubeObject): ResourceState['state'] {
  if (before === undefined) return 'created';
  return isDeepStrictEqual(settingsOf(before), settingsOf(after)) ? 'unchanged' : 'updated';
}

function settingsOf({ metadata: { labels, annotations, finalizers } = {}, spec }: KubeObject) {
  return { labels, annotations, finalizers, spec };
}
