import { isObject, type Json, type JsonObject } from './json.ts';

/** JSON merge patch (RFC 7386): null deletes, objects merge, all else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[field];
    else result[field] = mergePatch(result[field], value);
  }
  return result;
}

/** Lists that Kubernetes merges by a key; all others are replaced as a whole. */
const KEYED_LISTS: Readonly<Record<string, string>> = { imagePullSecrets: 'name', ownerReferences: 'uid', env: 'name' };

/** Strategic merge patch, as far as the kinds here have a strategy: some lists merge by their key. */
export function strategicMergePatch(target: Json | undefined, patch: Json, field = ''): Json {
  const key = KEYED_LISTS[field];
  if (key !== undefined && Array.isArray(patch) && Array.isArray(target)) return mergedByKey(target, patch, key);
  if (!isObject(patch)) return patch;
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[name];
    else result[name] = strategicMergePatch(result[name], value, name);
  }
  return result;
}

function mergedByKey(target: readonly Json[], patch: readonly Json[], key: string): Json[] {
  const keyOf = (item: Json) => (isObject(item) ? item[key] : undefined);
  const changed = target.map((item) => {
    const update = patch.find((candidate) => keyOf(candidate) === keyOf(item));
    return update === undefined ? item : mergePatch(item, update);
  });
  const added = patch.filter((item) => !target.some((existing) => keyOf(existing) === keyOf(item)));
  return [...changed, ...added];
}

/** Server-side apply as a merge of fields: what is applied is set, all else stays. There is no record of managers. */
export function applyFields(target: JsonObject | undefined, applied: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = { ...target };
  for (const [field, value] of Object.entries(applied)) {
    const existing = result[field];
    result[field] = isObject(value) && isObject(existing) ? applyFields(existing, value) : value;
  }
  return result;
}
