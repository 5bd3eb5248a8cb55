import { isObject, type JsonObject, listAt, objectAt, textAt } from './json.ts';
import type { KindInfo } from './kinds.ts';
import { badRequest, invalid } from './status.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
/** https://kubernetes.io/docs/concepts/configuration/configmap/ and /secret/: 1 MiB. */
const LARGEST_DATA = 1024 * 1024;

/** What the API server refuses of an object before it is stored. */
export function validate(info: KindInfo, object: JsonObject): void {
  const metadata = objectAt(object, 'metadata');
  const name = textAt(metadata, 'name');
  const { kind } = info;
  if (textAt(object, 'apiVersion') !== info.apiVersion || textAt(object, 'kind') !== kind) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind})`);
  }
  const longest = kind === 'Namespace' || kind === 'Workflow' ? 63 : 253;
  if (!(kind === 'Namespace' ? LABEL : SUBDOMAIN).test(name) || name.length > longest) {
    throw invalid(
      kind,
      name,
      `metadata.name: Invalid value: "${name}": must be a lowercase RFC 1123 name of at most ${longest} characters`,
    );
  }
  for (const value of Object.values(objectAt(metadata, 'labels'))) {
    if (typeof value !== 'string' || value.length > 63 || !LABEL_VALUE.test(value)) {
      throw invalid(kind, name, `metadata.labels: Invalid value: "${String(value)}"`);
    }
  }
  if (kind === 'Secret' || kind === 'ConfigMap') validateData(kind, name, object);
}

function validateData(kind: string, name: string, object: JsonObject): void {
  const values = Object.values(objectAt(object, 'data'));
  if (!values.every((value) => typeof value === 'string')) throw badRequest(`${kind} data must be strings`);
  const texts = values.filter((value) => typeof value === 'string');
  if (kind === 'Secret' && texts.some((text) => !/^[A-Za-z0-9+/]*={0,2}$/.test(text))) {
    throw badRequest('illegal base64 data in Secret');
  }
  const binary = Object.values(objectAt(object, 'binaryData')).map((text) => Buffer.from(String(text), 'base64'));
  const size = [...texts, ...binary].reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  if (size > LARGEST_DATA) {
    throw invalid(kind, name, `data: Too long: may not be more than ${LARGEST_DATA} bytes`);
  }
}

/** `stringData` of a Secret becomes `data`, and is not stored. */
export function withoutStringData(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  if (!isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...rest, data: { ...objectAt(rest, 'data'), ...Object.fromEntries(encoded) } };
}

/** Fields that never change once they are stored. */
export function validateUpdate(info: KindInfo, before: JsonObject, after: JsonObject): void {
  const name = textAt(objectAt(after, 'metadata'), 'name');
  const fixed = info.kind === 'Secret' ? 'type' : info.kind === 'RoleBinding' ? 'roleRef' : undefined;
  if (fixed !== undefined && JSON.stringify(before[fixed]) !== JSON.stringify(after[fixed])) {
    throw invalid(info.kind, name, `${fixed}: Invalid value: field is immutable`);
  }
  const isChanged = ['data', 'binaryData'].some(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  if (before.immutable === true && isChanged) {
    throw invalid(info.kind, name, 'data: Forbidden: field is immutable when `immutable` is set');
  }
  const { deletionTimestamp } = objectAt(before, 'metadata');
  const added = finalizersOf(after).filter((finalizer) => !finalizersOf(before).includes(finalizer));
  if (deletionTimestamp !== undefined && added.length > 0) {
    const found = JSON.stringify(added).replaceAll(',', ', ');
    throw invalid(
      info.kind,
      name,
      `metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${found}`,
    );
  }
}

function finalizersOf(object: JsonObject): readonly unknown[] {
  return listAt(objectAt(object, 'metadata'), 'finalizers');
}
