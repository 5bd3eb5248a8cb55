import { isObject, type Json, type JsonObject, listAt, textAt } from './json.ts';
import { badRequest } from './status.ts';

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

/** Server-side apply as a merge of fields: what is applied is set, all else stays. There is no record of managers. */
export function applyFields(target: JsonObject | undefined, applied: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = { ...target };
  for (const [field, value] of Object.entries(applied)) {
    const existing = result[field];
    result[field] = isObject(value) && isObject(existing) ? applyFields(existing, value) : value;
  }
  return result;
}

/** JSON patch (RFC 6902), as far as it replaces fields of the object itself. */
export function replaceFields(target: JsonObject, body: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = { ...target };
  for (const operation of listAt(body, 'operations').filter(isObject)) {
    const [, field = ''] = /^\/(\w+)$/.exec(textAt(operation, 'path')) ?? [];
    if (operation.op !== 'replace' || !(field in target))
      throw badRequest('the sandbox replaces fields of the object only');
    result[field] = operation.value;
  }
  return result;
}
