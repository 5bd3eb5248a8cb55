import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';
import type { KubeObject } from '../objects/objects.ts';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LONGEST_LABEL = 63;
/** Characters of a name; a Workflow's becomes a label of its pods. */
const LONGEST_NAME = { Workflow: 63, other: 253 };
/** Bytes of a Secret's or ConfigMap's data (https://kubernetes.io/docs/concepts/configuration/configmap/). */
const LARGEST_DATA = 1024 * 1024;

/**
 * Checks objects that the API server cannot be asked about yet, because their namespace is not there: names, labels and
 * sizes by its own rules, and that each Workflow gives its template the parameters that it asks for.
 *
 * @throws LaunchpadError `object-invalid` with everything that the API server or Argo Workflows would refuse
 */
export function validateLocally(objects: readonly KubeObject[]): void {
  const problems = objects.flatMap((object) => [
    ...nameProblems(object),
    ...sizeProblems(object),
    ...parameterProblems(object, objects),
  ]);
  if (problems.length === 0) return;
  throw new LaunchpadError(
    'object-invalid',
    ['Objects of the run are not valid:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
    { remedy: 'Where it is not the name of the instance, this is a fault of the action: please report it.' },
  );
}

function nameProblems({ kind = '', metadata }: KubeObject): string[] {
  const name = metadata?.name ?? '';
  const longest = kind === 'Workflow' ? LONGEST_NAME.Workflow : LONGEST_NAME.other;
  const isNamed = SUBDOMAIN.test(name) && name.length <= longest;
  const labels = Object.entries(metadata?.labels ?? {}).filter(
    ([, value]) => value.length > LONGEST_LABEL || !LABEL_VALUE.test(value),
  );
  return [
    ...(isNamed ? [] : [`${kind} ${name}: the name is no DNS name of at most ${longest} characters`]),
    ...labels.map(([label]) => `${kind} ${name}: the value of label ${label} is not valid`),
  ];
}

function sizeProblems({ kind = '', metadata, data, stringData, binaryData }: KubeObject): string[] {
  if (kind !== 'Secret' && kind !== 'ConfigMap') return [];
  const textsIn = (fields: unknown) => Object.values(fieldsOf(fields)).map(String);
  const texts = [data, stringData].flatMap(textsIn);
  const binary = textsIn(binaryData).map((text) => Buffer.from(text, 'base64'));
  const bytes = [...texts, ...binary].reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  return bytes > LARGEST_DATA ? [`${kind} ${metadata?.name}: ${bytes} bytes of data, at most ${LARGEST_DATA}`] : [];
}

interface WithParameters extends KubeObject {
  readonly spec?: {
    readonly workflowTemplateRef?: { readonly name?: string };
    readonly arguments?: { readonly parameters?: readonly Parameter[] };
  };
}

interface Parameter {
  readonly name: string;
  readonly value?: string;
}

function parameterProblems(workflow: WithParameters, objects: readonly KubeObject[]): string[] {
  if (workflow.kind !== 'Workflow') return [];
  const wanted = workflow.spec?.workflowTemplateRef?.name ?? '';
  const template = objects.find(({ kind, metadata }) => kind === 'WorkflowTemplate' && metadata?.name === wanted);
  const name = `Workflow ${workflow.metadata?.name}`;
  if (template === undefined) return [`${name}: there is no WorkflowTemplate ${wanted}`];
  const given = new Set(parametersOf(workflow).map((parameter) => parameter.name));
  return parametersOf(template)
    .filter((parameter) => parameter.value === undefined && !given.has(parameter.name))
    .map((parameter) => `${name}: parameter ${parameter.name} is not given`);
}

function parametersOf({ spec }: WithParameters): readonly Parameter[] {
  return spec?.arguments?.parameters ?? [];
}
