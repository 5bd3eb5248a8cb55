import { isDeepStrictEqual } from 'node:util';
import { LaunchpadError } from '../../core/errors.ts';
import { type Fields, fieldsOf, isFields } from '../../core/fields.ts';
import { quoted } from '../../core/quote.ts';

/** An Application, as far as its fields are concerned. */
interface ApplicationFields extends Fields {
  readonly spec: Fields;
}

/**
 * Fields that an operator may choose in application.yml; docs/application.md lists them. All others change what is deployed,
 * or are Argo CD's own.
 */
const OPERATOR_SPEC: ReadonlySet<string> = new Set([
  'project',
  'source',
  'sources',
  'destination',
  'syncPolicy',
  'ignoreDifferences',
  'info',
  'revisionHistoryLimit',
]);

/** `status` is that of an exported Application: Argo CD writes its own. */
const TOP: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
const DESTINATION: ReadonlySet<string> = new Set(['server', 'namespace', 'name']);

/** The fields that no application.yml may have, by path. */
export function unknownFields({ spec, ...rest }: ApplicationFields): string[] {
  return [
    ...Object.keys(rest).filter((field) => !TOP.has(field)),
    ...outside(spec, OPERATOR_SPEC, 'spec'),
    ...outside(fieldsOf(spec.destination), DESTINATION, 'spec.destination'),
  ];
}

function outside(fields: Fields, allowed: ReadonlySet<string>, path: string): string[] {
  return Object.keys(fields).flatMap((field) => (allowed.has(field) ? [] : [`${path}.${field}`]));
}

/** Longest value of a label, and its characters (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/). */
const LONGEST_LABEL = 63;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/;

/** A line for each label that the API server would refuse, such as one with the Application's name, which may be longer. */
export function invalidLabels(labels: unknown): string[] {
  return Object.entries(fieldsOf(labels)).flatMap(([key, value]) => {
    const label = `metadata.labels.${key}`;
    if (typeof value !== 'string') return [`${label} is not text: quote its value`];
    if (value.length > LONGEST_LABEL) {
      return [`${label} has ${value.length} characters: a label has at most ${LONGEST_LABEL}`];
    }
    return LABEL_VALUE.test(value) ? [] : [`${label} is not a label: ${quoted(value)}`];
  });
}

const FINALIZER = /^resources-finalizer\.argocd\.argoproj\.io(\/(background|foreground))?$/;

/** What a preview's Application may have: each field with what its value must be. Mappings are described field by field. */
interface Shape {
  readonly [field: string]: ((value: unknown) => boolean) | Shape;
}

const text = (value: unknown) => typeof value === 'string';

/** The values of these fields are compared with the instance's own by `checkApplication`. */
const PREVIEW: Shape = {
  apiVersion: text,
  kind: text,
  metadata: {
    name: text,
    namespace: text,
    labels: {
      'app.kubernetes.io/name': text,
      'app.kubernetes.io/instance': text,
      'app.kubernetes.io/managed-by': text,
    },
    finalizers: (value) => Array.isArray(value) && value.every((one) => FINALIZER.test(String(one))),
  },
  spec: {
    project: text,
    source: { repoURL: text, path: text, targetRevision: text },
    destination: { server: text, namespace: text },
    syncPolicy: isFields,
  },
};

/**
 * Requires that application.yml of a pull request has no other fields than the action writes, and the sync policy: all else
 * would be the author's choice of what Argo CD deploys, and where.
 *
 * @param written the Application that the base branch's template gives: its fields with its values are allowed too
 * @param project the only AppProject that is allowed
 * @throws LaunchpadError `application-refused` with the path of each field
 */
export function checkPreviewApplication(
  application: ApplicationFields,
  written: Fields | undefined,
  projects: readonly string[],
): void {
  const refused = refusedFields(application, PREVIEW, written, []);
  const { project } = application.spec;
  if (typeof project !== 'string' || !projects.includes(project)) refused.push('spec.project');
  if (refused.length === 0) return;
  throw new LaunchpadError(
    'application-refused',
    ['application.yml of a pull request has fields or values that it may not choose:', ...new Set(refused)].join(
      '\n  - ',
    ),
    {
      remedy:
        'Remove these fields, or the file: the action then creates it. Set them after the merge, on the base branch.',
    },
  );
}

function refusedFields(value: Fields, shape: Shape, written: unknown, path: readonly string[]): string[] {
  return Object.entries(value).flatMap(([field, one]) => {
    const ours = fieldsOf(written)[field];
    if (ours !== undefined && isDeepStrictEqual(one, ours)) return [];
    const allowed = Object.hasOwn(shape, field) ? shape[field] : undefined;
    const here = [...path, field];
    if (typeof allowed === 'function') return allowed(one) ? [] : [here.join('.')];
    if (isFields(one) && (allowed !== undefined || isFields(ours)))
      return refusedFields(one, allowed ?? {}, ours, here);
    return [here.join('.')];
  });
}
