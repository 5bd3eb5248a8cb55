import type { KubeObject } from './objects.ts';

/** Annotation with the page of a run; on a Lease of the run that has it, or who runs it where it has no page. */
export const RUN_ANNOTATION = 'launchpad-provision/run-url';
/** Annotation with who started a run. */
const STARTED_BY_ANNOTATION = 'launchpad-provision/started-by';

/** Annotations that name a run: on a Workflow its own, on other objects the last one that changed something else of them. */
export type Trace = Readonly<Record<string, string>>;

/** The annotations of a run. `description` says who runs it, if it has no page. */
export function traceOf(run: {
  readonly url: string | undefined;
  readonly startedBy?: string | undefined;
  readonly description?: string;
}): Trace {
  const startedBy = run.startedBy ?? run.description;
  return {
    ...(run.url === undefined ? {} : { [RUN_ANNOTATION]: run.url }),
    ...(startedBy === undefined ? {} : { [STARTED_BY_ANNOTATION]: startedBy }),
  };
}

/** The trace that an object has. */
export function traceIn({ metadata: { annotations = {} } = {} }: KubeObject): Trace {
  const names = [RUN_ANNOTATION, STARTED_BY_ANNOTATION];
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => names.includes(name)));
}

/** The object with that trace. */
export function withTrace(object: KubeObject, trace: Trace): KubeObject {
  if (Object.keys(trace).length === 0) return object;
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...trace } } };
}
