import { isDeepStrictEqual } from 'node:util';
import { isFields } from '../../core/fields.ts';
import type { ResourceState } from '../../core/report.ts';
import type { KubeObject } from '../objects/objects.ts';

/** Metadata that only the API server writes. */
const SERVER_METADATA = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp']);
/** Other fields that controllers write at any time, and our applies never write. */
const CONTROLLER_FIELDS = new Set(['status', 'operation']);

/**
 * Paths of the fields that differ, such as `spec.templates[0].container.image`. It gives no values, because they may be
 * secret. Fields that only the API server and controllers write do not count.
 */
export function changedFields(before: KubeObject, after: KubeObject): string[] {
  return differences(comparable(before), comparable(after), '');
}

/**
 * Whether an apply would change nothing: the object has each field of the other as it is there, and nothing besides in it.
 * Labels, annotations and finalizers of others may be there too, as may fields that we never apply.
 */
export function isApplied(live: KubeObject, { metadata: wanted = {}, ...fields }: KubeObject): boolean {
  const { labels = {}, annotations = {}, finalizers = [], deletionTimestamp } = live.metadata ?? {};
  const has = (present: Readonly<Record<string, string>>, given: Readonly<Record<string, string>> = {}) =>
    Object.entries(given).every(([key, value]) => present[key] === value);
  return (
    deletionTimestamp === undefined &&
    has(labels, wanted.labels) &&
    has(annotations, wanted.annotations) &&
    (wanted.finalizers ?? []).every((finalizer) => finalizers.includes(finalizer)) &&
    Object.entries(fields).every(([field, value]) => isDeepStrictEqual(live[field], value))
  );
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
  if (!isFields(before) || !isFields(after)) return [path];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.flatMap((field) => differences(before[field], after[field], joined(path, field)));
}

function joined(path: string, field: string): string {
  if (!/^[\w-]+$/.test(field)) return `${path}[${JSON.stringify(field)}]`;
  return path === '' ? field : `${path}.${field}`;
}

/**
 * The result of an apply. Only labels, annotations, finalizers and spec count: the resourceVersion also changes when a
 * controller writes the status.
 *
 * @param before the object before the apply; undefined if there was none
 */
export function stateAfter(before: KubeObject | undefined, after: KubeObject): ResourceState['state'] {
  if (before === undefined) return 'created';
  return isDeepStrictEqual(settingsOf(before), settingsOf(after)) ? 'unchanged' : 'updated';
}

function settingsOf({ metadata: { labels, annotations, finalizers } = {}, spec }: KubeObject) {
  return { labels, annotations, finalizers, spec };
}
