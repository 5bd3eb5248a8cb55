/** JSON as the API server takes and gives it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/** A stored object. */
export interface StoredObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

interface Metadata extends JsonObject {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: { readonly [label: string]: string };
  readonly annotations?: { readonly [annotation: string]: string };
  readonly ownerReferences?: readonly { readonly uid: string; readonly [field: string]: Json | undefined }[];
  readonly finalizers?: readonly string[];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at that field, or an empty one. */
export function objectAt(value: JsonObject | undefined, field: string): JsonObject {
  const found = value?.[field];
  return isObject(found) ? found : {};
}

/** The text at that field, or an empty one. */
export function textAt(value: JsonObject | undefined, field: string): string {
  const found = value?.[field];
  return typeof found === 'string' ? found : '';
}

/** The list at that field, or an empty one. */
export function listAt(value: JsonObject | undefined, field: string): readonly Json[] {
  const found = value?.[field];
  return Array.isArray(found) ? found : [];
}
